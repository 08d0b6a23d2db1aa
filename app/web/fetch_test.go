package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"parley/app/picture"
)

func TestOnlyPublicAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"1.1.1.1": true, "93.184.216.34": true, "172.15.0.1": true, "172.32.0.1": true, "100.63.0.1": true, "100.128.0.1": true, "2606:4700::1111": true, "::ffff:1.1.1.1": true,
		"0.0.0.0": false, "0.1.2.3": false, "127.0.0.1": false, "127.9.9.9": false, "10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "100.127.255.255": false, "192.0.0.8": false, "192.0.2.1": false, "192.88.99.1": false, "198.18.0.1": false, "198.19.255.255": false,
		"198.51.100.1": false, "203.0.113.1": false, "224.0.0.1": false, "239.255.255.255": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false, "::127.0.0.1": false, "64:ff9b::7f00:1": false, "64:ff9b:1::1": false,
		"100::1": false, "2001::1": false, "2001:db8::1": false, "2002:7f00:1::": false, "3fff::1": false, "5f00::1": false, "fc00::1": false, "fd12::1": false, "fe80::1": false, "fe80::1%eth0": false,
		"2606:4700::1111%eth0": false, "fec0::1": false, "ff02::1": false, "ff0e::1": false, "fd00:ec2::254": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: %v", address, got)
		}
	}
}

func TestFetchingPictures(t *testing.T) {
	var to string
	var referer string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/picture":
			_, _ = w.Write([]byte("a picture"))
		case "/elsewhere":
			http.Redirect(w, r, to, http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/large":
			w.Header().Set("Content-Length", "6000000")
		case "/endless":
			w.WriteHeader(200)
			for part := make([]byte, 1<<16); r.Context().Err() == nil; {
				if _, err := w.Write(part); err != nil {
					return
				}
			}
		default:
			http.NotFound(w, r)
		}
		referer += r.Referer()
	}))
	defer server.Close()
	local, strict := newFetcher(true), newFetcher(false)
	get := func(f *fetcher, address string) (string, error) {
		b, err := f.fetch(context.Background(), address)
		return string(b), err
	}
	if got, err := get(local, server.URL+"/picture"); got != "a picture" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	to = "/picture"
	if got, err := get(local, server.URL+"/elsewhere"); got != "a picture" || err != nil || referer != "" {
		t.Errorf("by a redirect: %q, %v; referer %q", got, err, referer)
	}
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	for what, address := range map[string]string{
		"not https": server.URL + "/picture", "loopback": "https://127.0.0.1" + port + "/picture", "by name": "https://localhost" + port + "/picture", "mapped": "https://[::ffff:127.0.0.1]" + port + "/picture",
		"as a number": "https://2130706433" + port + "/picture", "the cloud's metadata": "https://169.254.169.254/latest", "a file": "file:///etc/passwd", "nothing": "", "a path": "/picture", "no host": "https:///picture",
		"with a password": "https://a:b@1.1.1.1/", "data": "data:image/png;base64,AAAA",
	} {
		if got, err := get(strict, address); err == nil {
			t.Errorf("%s: %q", what, got)
		} else if strings.Contains(err.Error(), "/picture") || strings.Contains(err.Error(), "latest") {
			t.Errorf("%s: the error tells the address: %v", what, err)
		}
	}
	for _, address := range []string{"http://10.0.0.1/", "https://10.0.0.1/", "http://169.254.169.254/", "file:///etc/passwd", "https://user:pass@127.0.0.1/", "gopher://127.0.0.1/"} {
		to = address
		if got, err := get(local, server.URL+"/elsewhere"); err == nil {
			t.Errorf("led to %s: %q", address, got)
		}
	}
	for _, path := range []string{"/round", "/large", "/endless", "/nowhere"} {
		if got, err := get(local, server.URL+path); err == nil && len(got) <= picture.MaxBytes {
			t.Errorf("%s: %d bytes", path, len(got))
		} else if err == nil {
			t.Errorf("%s is no error", path)
		}
	}
}
