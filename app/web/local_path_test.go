package web

import (
	"net/url"
	"testing"
)

// elsewhere are spellings of another origin, or of no place at all, that browsers, proxies and libraries have fallen for.
var elsewhere = []string{
	"", "evil.example", "www.evil.example/x", "https://evil.example", "http://evil.example", "HTTPS://evil.example", "hTtP:evil.example", "https:evil.example", "https:/evil.example",
	"https:///evil.example", "https:\\\\evil.example", "ftp://evil.example", "ws://evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)",
	"javascript://%0aalert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "blob:https://evil.example/x", "file:///etc/passwd", "about:blank",
	"//evil.example", "///evil.example", "////evil.example", "//evil.example/..", "//evil%2eexample", "//user@evil.example", "//evil.example:443/x", "//[::1]/x", "//0x7f000001/", "//%65vil.example",
	`/\evil.example`, `\/evil.example`, `\\evil.example`, `\evil.example`, `/\/evil.example`, `/\\evil.example`, `/x\..\..\evil.example`,
	"/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "\t//evil.example", " //evil.example", "\n//evil.example", "/ /evil.example", "/\x00/evil.example", "\x00//evil.example",
	"/\v/evil.example", "/\f//evil.example", "/\x7f/evil.example", "/x\r\nLocation: https://evil.example", "/x\r\n\r\n<script>alert(1)</script>", "/x\nSet-Cookie: parley=x",
	"/%2fevil.example", "/%2Fevil.example", "/%2f%2fevil.example", "/%5cevil.example", "/%5C%5Cevil.example", "/%2f%5cevil.example",
	"?next=//evil.example", "#//evil.example", "@evil.example", ":80@evil.example", "./evil", "../evil", "／/evil.example", "／／evil.example", "⁄⁄evil.example", "%2f%2fevil.example",
	"/%zz", "/%", "https://parley.example@evil.example", "https://evil.example#parley.example",
}

func TestNextStaysHere(t *testing.T) {
	if len(elsewhere) < 60 {
		t.Errorf("only %d spellings", len(elsewhere))
	}
	for _, next := range elsewhere {
		if got := localPath(next); got != "/" {
			t.Errorf("%q leads to %q", next, got)
		}
	}
	base, err := url.Parse("https://parley.example/auth/oidc/callback")
	if err != nil {
		t.Fatal(err)
	}
	for _, next := range []string{
		"/", "/conversations", "/conversations/3f2a8c8e-9a4b-4c1d-8e2f-0123456789ab?before=7#latest", "/people?q=%C3%A9", "/people?q=https://x.example", "/signin?next=%2F%2Fevil.example", "/a/../b", "/..//evil.example", "/@evil.example", "/x:y",
	} {
		got := localPath(next)
		u, err := url.Parse(got)
		if err != nil || got != next || base.ResolveReference(u).Host != base.Host {
			t.Errorf("%q became %q, %v", next, got, err)
		}
	}
}

func FuzzNext(f *testing.F) {
	for _, next := range elsewhere {
		f.Add(next)
	}
	base, _ := url.Parse("https://parley.example/auth")
	f.Fuzz(func(t *testing.T, next string) {
		got := localPath(next)
		u, err := url.Parse(got)
		if err != nil || got[0] != '/' || len(got) > 1 && (got[1] == '/' || got[1] == '\\') || base.ResolveReference(u).Host != base.Host {
			t.Errorf("%q became %q", next, got)
		}
	})
}
