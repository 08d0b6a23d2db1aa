package safehttp

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const maxBytes = 5 << 20

// origin is a server that answers each path in another way.
type origin struct {
	*httptest.Server
	redirect string // the target of /redirect
	referer  string // all Referer headers received, together
}

func startOrigin(t *testing.T) *origin {
	o := &origin{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/picture":
			_, _ = w.Write([]byte("a picture"))
		case "/redirect":
			http.Redirect(w, r, o.redirect, http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/large":
			w.Header().Set("Content-Length", "6000000")
		case "/endless":
			w.WriteHeader(200)
			for chunk := make([]byte, 1<<16); r.Context().Err() == nil; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		default:
			http.NotFound(w, r)
		}

		o.referer += r.Referer()
	}))

	t.Cleanup(o.Close)
	return o
}

func get(t *testing.T, allowLoopback bool, address string) (string, error) {
	b, err := New(Options{MaxBytes: maxBytes, AllowLoopback: allowLoopback}).Get(t.Context(), address, "image/png")
	return string(b), err
}

func TestGet(t *testing.T) {
	o := startOrigin(t)
	if got, err := get(t, true, o.URL+"/picture"); got != "a picture" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}

	o.redirect = "/picture"
	if got, err := get(t, true, o.URL+"/redirect"); got != "a picture" || err != nil || o.referer != "" {
		t.Errorf("after a redirect: %q, %v; referer %q", got, err, o.referer)
	}
}

func TestGetRejectsAddresses(t *testing.T) {
	o := startOrigin(t)
	port := o.URL[strings.LastIndex(o.URL, ":"):]
	for name, address := range map[string]string{
		"http":           o.URL + "/picture",
		"loopback":       "https://127.0.0.1" + port + "/picture",
		"localhost":      "https://localhost" + port + "/picture",
		"mapped IPv4":    "https://[::ffff:127.0.0.1]" + port + "/picture",
		"IPv4 as number": "https://2130706433" + port + "/picture",
		"cloud metadata": "https://169.254.169.254/latest",
		"file":           "file:///etc/passwd",
		"empty":          "",
		"path only":      "/picture",
		"no host":        "https:///picture",
		"with password":  "https://a:b@1.1.1.1/",
		"data":           "data:image/png;base64,AAAA",
	} {
		if got, err := get(t, false, address); err == nil {
			t.Errorf("%s: no error, body %q", name, got)
		} else if strings.Contains(err.Error(), "/picture") || strings.Contains(err.Error(), "latest") {
			t.Errorf("%s: the error contains the address: %v", name, err)
		}
	}
}

func TestGetRejectsRedirects(t *testing.T) {
	o := startOrigin(t)
	for _, target := range []string{
		"http://10.0.0.1/",
		"https://10.0.0.1/",
		"http://169.254.169.254/",
		"file:///etc/passwd",
		"https://user:pass@127.0.0.1/",
		"gopher://127.0.0.1/",
	} {
		o.redirect = target
		if got, err := get(t, true, o.URL+"/redirect"); err == nil {
			t.Errorf("redirected to %s: body %q", target, got)
		}
	}
}

func TestGetRejectsResponses(t *testing.T) {
	o := startOrigin(t)
	for _, path := range []string{"/loop", "/large", "/endless", "/nowhere"} {
		if got, err := get(t, true, o.URL+path); err == nil {
			t.Errorf("%s: no error, %d bytes", path, len(got))
		}
	}
}
