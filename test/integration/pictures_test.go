package integration

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parley/test/openid"
	"parley/test/wait"
)

// redPNG returns a red picture of 40 × 30 pixels.
func redPNG(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range 40 * 30 {
		m.Set(i%40, i/40, color.RGBA{200, 0, 0, 255})
	}

	var b bytes.Buffer
	must(t, png.Encode(&b, m))
	return b.Bytes()
}

// TestProviderPicture: the picture of a provider is fetched at a sign-in, retried at
// the next one, and served as a JPEG of Parley's own.
func TestProviderPicture(t *testing.T) {
	t.Parallel()
	op, file := openid.Start(t), redPNG(t)
	requested := make(chan string, 10)
	pictures := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requested <- r.URL.Path
		if r.URL.Path == "/broken.png" {
			w.WriteHeader(500)
			return
		}
		_, _ = w.Write(file)
	}))
	defer pictures.Close()
	r := startReplica(t, append(op.Settings(), "LOCAL_PICTURES", "true")...)
	signIn := func(picture string) *person {
		op.QueueUser(openid.User{Subject: "ada", Name: "Ada", Picture: pictures.URL + picture})
		return r.visitor().signInWithProvider()
	}

	signIn("/broken.png")
	<-requested
	ada := signIn("/ada.png") // a failed fetch is retried at the next sign-in
	<-requested
	wait.Until(t, "the picture is fetched", func() bool { return ada.loadAccount().Picture != "" })
	address := "/pictures/" + ada.Picture
	if page := ada.browse("/welcome"); page.status != 200 {
		t.Errorf("welcome page: status %d", page.status)
	}

	ada.post("/welcome", nil, "Accept", "text/html")
	got := ada.browse(address, "Accept", "image/avif,image/webp,*/*;q=0.8")
	m, err := jpeg.Decode(strings.NewReader(got.body))
	if got.status != 200 || err != nil || m.Bounds().Dx() != 192 || m.Bounds().Dy() != 192 {
		t.Fatalf("picture: status %d, error %v", got.status, err)
	}

	for name, want := range map[string]string{
		"Content-Type":                 "image/jpeg",
		"Cache-Control":                "private, max-age=31536000, immutable",
		"X-Content-Type-Options":       "nosniff",
		"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'; sandbox",
		"Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got.header.Get(name) != want {
			t.Errorf("header %s: %q", name, got.header.Get(name))
		}
	}

	ada.post("/welcome", map[string][]string{"name": {"Ada"}})
	image := `<img src="` + address + `" alt="" width="72" height="72" loading="lazy"`
	if page := ada.browse("/account"); !strings.Contains(page.body, image) {
		t.Errorf("the page does not show the picture: %s", page.body)
	}

	for what, tt := range map[string]struct {
		got    reply
		status int
	}{
		"signed out":     {r.visitor().get(address), 401},
		"nobody's":       {ada.get("/pictures/" + strings.Repeat("0", 64)), 404},
		"no hash":        {ada.get("/pictures/ada"), 404},
		"in capitals":    {ada.get("/pictures/" + strings.Repeat("A", 64)), 404},
		"up and outside": {ada.get("/pictures/..%2f..%2fetc%2fpasswd"), 404},
	} {
		if tt.got.status != tt.status {
			t.Errorf("%s: status %d, want %d", what, tt.got.status, tt.status)
		}
	}

	signIn("/another.png")
	if again := signIn("/another.png"); again.Picture != ada.Picture || len(requested) != 0 {
		t.Errorf("an unchanged picture was fetched again")
	}
}

// TestPictureFromLocalAddress: without LOCAL_PICTURES a provider cannot make Parley
// send requests to this machine (SSRF).
func TestPictureFromLocalAddress(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	requested := make(chan string, 10)
	inside := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		requested <- r.URL.Path
	}))
	defer inside.Close()
	r := startReplica(t, op.Settings()...)
	for _, address := range []string{
		inside.URL,
		strings.Replace(inside.URL, "https:", "http:", 1),
		strings.Replace(inside.URL, "127.0.0.1", "localhost", 1),
	} {
		op.QueueUser(openid.User{Subject: "ada", Name: "Ada", Picture: address + "/secret"})
		if ada := r.visitor().signInWithProvider(); ada.Picture != "" {
			t.Errorf("the picture at %s was accepted", address)
		}
	}

	if len(requested) != 0 {
		t.Errorf("the replica requested %s", <-requested)
	}
}

// TestBodyLimits: only a picture of somebody who is signed in may exceed 64 KiB.
func TestBodyLimits(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, stranger := r.signIn("Ada"), r.visitor()
	upload := func(p *person, path string, size int) reply {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		part, err := w.CreateFormFile("picture", "me.png")
		if err != nil {
			t.Fatal(err)
		}

		_, _ = part.Write(append(redPNG(t), make([]byte, size)...))
		_ = w.Close()
		return p.do("POST", path, &b, "Content-Type", w.FormDataContentType())
	}

	for what, got := range map[string]reply{
		"a picture of 1 MB":     upload(ada, "/account/picture", 1<<20),
		"a picture of 5 MB":     upload(ada, "/account/picture?x=y", 5<<20-1000),
		"a small one elsewhere": upload(ada, "/conversations", 1000),
	} {
		if got.status == 413 {
			t.Errorf("%s was rejected as too large", what)
		}
	}

	// announce sends the head of a request with a body of this size, and no body.
	announce := func(p *person, path string, size int) int {
		head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nCookie: parley=%s\r\n", path, p.token())
		body := fmt.Sprintf("Content-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n", size)
		return r.sendRaw(head + body).status
	}

	for what, status := range map[string]int{
		"a picture of 6 MB":     announce(ada, "/account/picture", 6<<20),
		"signed out":            announce(stranger, "/account/picture", 1<<20),
		"a message of 1 MB":     announce(ada, "/conversations", 1<<20),
		"a similar path":        announce(ada, "/account/picture/x", 1<<20),
		"the path in the query": announce(ada, "/conversations?/account/picture", 1<<20),
	} {
		if status != 413 {
			t.Errorf("%s: status %d, want 413", what, status)
		}
	}
}
