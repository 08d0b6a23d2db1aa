package integration

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"math/rand/v2"
	"mime/multipart"
	"strings"
	"testing"
)

// largePNG is a picture above the 64 KiB limit of other bodies.
func largePNG(t *testing.T) []byte {
	t.Helper()
	noise := image.NewNRGBA(image.Rect(0, 0, 300, 300))
	for i := range noise.Pix {
		noise.Pix[i] = byte(rand.N(256))
	}

	var large bytes.Buffer
	if err := png.Encode(&large, noise); err != nil || large.Len() < 64<<10 {
		t.Fatalf("test picture of %d bytes, error %v", large.Len(), err)
	}
	return large.Bytes()
}

// TestPictureUpload: a person uploads a picture, and removes it.
func TestPictureUpload(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada := r.signIn("Ada")
	upload := func(content []byte, fields map[string]string, headers ...string) reply {
		t.Helper()
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for name, value := range fields {
			must(t, w.WriteField(name, value))
		}

		file, err := w.CreateFormFile("picture", "../<b>me</b>.png")
		if err == nil {
			_, err = file.Write(content)
		}
		must(t, errors.Join(err, w.Close()))

		headers = append([]string{"Content-Type", w.FormDataContentType()}, headers...)
		return ada.do("POST", "/account/picture", &body, headers...)
	}

	large := largePNG(t)
	doc := ada.follow(upload(large, nil, html...), "/account?saved=picture#profile")
	src, _ := doc.Find("form[action='/account/picture'] .avatar img").Attr("src")
	if !strings.HasPrefix(src, "/pictures/") || words(doc.Find("#picture-saved")) != "Saved" ||
		doc.Find("button[name=remove]").Length() != 1 {
		t.Fatalf("picture on the page after the upload: %q", src)
	}

	if got := ada.get(src); got.status != 200 || got.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("picture: status %d, type %s", got.status, got.header.Get("Content-Type"))
	}

	for what, content := range map[string][]byte{"nothing": nil, "text": []byte("<script>alert(1)</script>")} {
		doc := upload(content, nil, html...).page(422)
		if words(doc.Find("#picture-saved .status.bad")) == "" ||
			doc.Find(".avatar img[src='"+src+"']").Length() == 0 {
			t.Errorf("upload of %s: %s", what, words(doc.Find("main")))
		}
	}

	if got := upload([]byte("text"), nil, htmx...); words(got.page(422).Find(".status.bad")) == "" {
		t.Errorf("answer to htmx: %s", got.body)
	}
	if got := upload(large, nil, htmx...); got.status != 204 || got.header.Get("HX-Refresh") != "true" {
		t.Errorf("answer to htmx: status %d, header %v", got.status, got.header)
	}

	for range 2 {
		removed := upload(nil, map[string]string{"remove": "picture"}, html...)
		doc = ada.follow(removed, "/account?saved=picture#profile")
		if doc.Find(".avatar img, button[name=remove]").Length() > 0 {
			t.Error("the removed picture is still on the page")
		}
	}

	ada.get(src).expectStatus(404)
}
