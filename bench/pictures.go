package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"time"

	"parley/app/picture/picturetest"
)

const uploadersAtOnce = 16

// uploader is a person who is signed in.
type uploader struct {
	base   string
	client *http.Client
}

// pictures has 16 people at once upload the costliest file of each format, and measures an
// ordinary picture and a page of somebody else meanwhile. A person has a budget of uploads, so
// each file has people of its own. The peak of the memory is the container's to measure.
func pictures(ctx context.Context, in *installation) error {
	fmt.Printf("%-38s %-34s %-24s %s\n", "16 at once", "answers", "others' PNG (answers)", "slowest page, ms")
	for i, f := range picturetest.Worst() {
		if err := worstPicture(ctx, in.base, i, f); err != nil {
			return err
		}
	}
	return nil
}

func worstPicture(ctx context.Context, base string, n int, f picturetest.File) error {
	begin := time.Now()
	other, err := newUploader(ctx, base, fmt.Sprint("Other ", n))
	if err != nil {
		return err
	}

	var uploads sync.WaitGroup
	var mu sync.Mutex
	answers := map[int]int{}
	for i := range uploadersAtOnce {
		u, err := newUploader(ctx, base, fmt.Sprintf("Uploader %d of %d", i, n))
		if err != nil {
			return err
		}
		uploads.Go(func() {
			status := u.upload(ctx, f.Content)
			mu.Lock()
			defer mu.Unlock()
			answers[status]++
		})
	}

	done := make(chan struct{})
	go func() { uploads.Wait(); close(done) }()

	ordinary, slowest, slowestPage := map[int]int{}, time.Duration(0), time.Duration(0)
	for i, running := 0, true; running; i++ {
		if i < 3 {
			at := time.Now()
			ordinary[other.upload(ctx, smallPNG())]++
			slowest = max(slowest, time.Since(at))
		}

		at := time.Now()
		if err := other.page(ctx); err != nil {
			return err
		}
		slowestPage = max(slowestPage, time.Since(at))

		select {
		case <-done:
			running = i < 2
		case <-time.After(50 * time.Millisecond):
		}
	}

	fmt.Printf("%-38s %-34s %-24s %d\n", f.Name,
		fmt.Sprintf("%v in %.1f s", answers, time.Since(begin).Seconds()),
		fmt.Sprintf("%v, slowest %d ms", ordinary, slowest.Milliseconds()), slowestPage.Milliseconds())
	return nil
}

func newUploader(ctx context.Context, base, name string) (*uploader, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}

	u := &uploader{base: base, client: &http.Client{Jar: jar, Timeout: time.Minute}}
	form := strings.NewReader(url.Values{"name": {name}}.Encode())
	status, err := u.do(ctx, http.MethodPost, "/signin/dev", "application/x-www-form-urlencoded", form)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("sign-in of %s: status %d", name, status)
	}
	return u, err
}

// upload returns the status, or 0 if there is no answer.
func (u *uploader) upload(ctx context.Context, file []byte) int {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("picture", "me")
	if err == nil {
		_, err = part.Write(file)
	}
	if errors.Join(err, w.Close()) != nil {
		return 0
	}

	status, _ := u.do(ctx, http.MethodPost, "/account/picture", w.FormDataContentType(), &body)
	return status
}

func (u *uploader) page(ctx context.Context) error {
	status, err := u.do(ctx, http.MethodGet, "/account", "", &bytes.Buffer{})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("the account: status %d", status)
	}
	return err
}

func (u *uploader) do(ctx context.Context, method, path, kind string, body interface {
	Read([]byte) (int, error)
}) (int, error) {
	r, err := http.NewRequestWithContext(ctx, method, u.base+path, body)
	if err != nil {
		return 0, err
	}

	r.Header.Set("Accept", "application/json")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}

	answer, err := u.client.Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

func smallPNG() []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 300, 300))) // a buffer takes everything
	return b.Bytes()
}
