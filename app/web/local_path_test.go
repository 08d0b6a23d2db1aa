package web

import (
	"net/url"
	"testing"
)

// foreignPaths are spellings of another origin, or of no address, that browsers, proxies
// and libraries have followed to another site.
var foreignPaths = []string{
	// Schemes.
	"", "evil.example", "www.evil.example/x", "https://evil.example", "http://evil.example", "HTTPS://evil.example",
	"hTtP:evil.example", "https:evil.example", "https:/evil.example", "https:///evil.example",
	"https:\\\\evil.example", "ftp://evil.example", "ws://evil.example", "javascript:alert(1)",
	"JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "javascript://%0aalert(1)",
	"data:text/html,<script>alert(1)</script>", "vbscript:x", "blob:https://evil.example/x", "file:///etc/passwd",
	"about:blank", "https://parley.example@evil.example", "https://evil.example#parley.example",

	// Slashes and backslashes.
	"//evil.example", "///evil.example", "////evil.example", "//evil.example/..", "//evil%2eexample",
	"//user@evil.example", "//evil.example:443/x", "//[::1]/x", "//0x7f000001/", "//%65vil.example",
	`/\evil.example`, `\/evil.example`, `\\evil.example`, `\evil.example`, `/\/evil.example`, `/\\evil.example`,
	`/x\..\..\evil.example`, "／/evil.example", "／／evil.example", "⁄⁄evil.example",

	// White space and control characters.
	"/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "\t//evil.example", " //evil.example",
	"\n//evil.example", "/ /evil.example", "/\x00/evil.example", "\x00//evil.example", "/\v/evil.example",
	"/\f//evil.example", "/\x7f/evil.example", "/x\r\nLocation: https://evil.example",
	"/x\r\n\r\n<script>alert(1)</script>", "/x\nSet-Cookie: parley=x",

	// Escapes.
	"/%2fevil.example", "/%2Fevil.example", "/%2f%2fevil.example", "/%5cevil.example", "/%5C%5Cevil.example",
	"/%2f%5cevil.example", "%2f%2fevil.example", "/%zz", "/%",

	// Relative addresses.
	"?next=//evil.example", "#//evil.example", "@evil.example", ":80@evil.example", "./evil", "../evil",
}

func TestLocalPathRejectsForeignPaths(t *testing.T) {
	if len(foreignPaths) < 60 {
		t.Errorf("only %d spellings", len(foreignPaths))
	}

	for _, next := range foreignPaths {
		if got := localPath(next); got != "/" {
			t.Errorf("%q: got %q, want /", next, got)
		}
	}
}

func TestLocalPathKeepsLocalPaths(t *testing.T) {
	base, err := url.Parse("https://parley.example/auth/oidc/callback")
	if err != nil {
		t.Fatal(err)
	}

	for _, next := range []string{
		"/",
		"/conversations",
		"/conversations/3f2a8c8e-9a4b-4c1d-8e2f-0123456789ab?before=7#latest",
		"/people?q=%C3%A9",
		"/people?q=https://x.example",
		"/signin?next=%2F%2Fevil.example",
		"/a/../b",
		"/..//evil.example",
		"/@evil.example",
		"/x:y",
	} {
		got := localPath(next)
		u, err := url.Parse(got)
		if err != nil || got != next || base.ResolveReference(u).Host != base.Host {
			t.Errorf("%q: got %q, %v", next, got, err)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, next := range foreignPaths {
		f.Add(next)
	}

	base, _ := url.Parse("https://parley.example/auth")
	f.Fuzz(func(t *testing.T, next string) {
		got := localPath(next)
		u, err := url.Parse(got)
		foreign := got[0] != '/' || len(got) > 1 && (got[1] == '/' || got[1] == '\\')
		if err != nil || foreign || base.ResolveReference(u).Host != base.Host {
			t.Errorf("%q: got %q", next, got)
		}
	})
}
