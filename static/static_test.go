package static

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

// bundled are files of every type that compresses.
var bundled = []string{
	"shell.css", "front.css", "admin.css", "main.js", "frame.js", "htmx.js", "morph.js", "sse.js", "favicon.svg",
}

func mustNew(t *testing.T) *Files {
	t.Helper()
	files, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// copyEmbedded returns a copy of the embedded files, for a test to change.
func copyEmbedded(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(embedded, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(embedded, name)
		files[name] = &fstest.MapFile{Data: body}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestURLsChangeOnlyWithTheContent(t *testing.T) {
	a, b := mustNew(t), mustNew(t)
	for _, name := range bundled {
		if a.URL(name) != b.URL(name) {
			t.Errorf("%s has two URLs: %s and %s", name, a.URL(name), b.URL(name))
		}
	}

	changed := copyEmbedded(t)
	changed["css/badge.css"].Data = append(changed["css/badge.css"].Data, ".new-rule { color: red; }"...)
	c, err := newBuild(changed)
	if err != nil {
		t.Fatal(err)
	}
	if c.urls["shell.css"] == a.URL("shell.css") || c.urls["front.css"] != a.URL("front.css") {
		t.Errorf("after a change of badge.css only shell.css may change: %s, %s", c.urls["shell.css"], c.urls["front.css"])
	}
}

func TestEncodingsHaveTheSameContent(t *testing.T) {
	files := mustNew(t)
	for _, name := range bundled {
		url := files.URL(name)
		plain, ok := files.Open(url, "")
		if !ok || plain.Encoding != "" || len(plain.Body) == 0 || plain.ContentType != contentTypes[path.Ext(name)] {
			t.Fatalf("%s: %v %q %q", url, ok, plain.Encoding, plain.ContentType)
		}

		gz, _ := files.Open(url, "gzip, deflate")
		br, _ := files.Open(url, "gzip, deflate, br, zstd")
		if gz.Encoding != "gzip" || br.Encoding != "br" {
			t.Fatalf("%s: encodings %q and %q", name, gz.Encoding, br.Encoding)
		}

		r, err := gzip.NewReader(bytes.NewReader(gz.Body))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain.Body) {
			t.Errorf("%s: gzip has another content (%v)", name, err)
		}
		if got, err := io.ReadAll(brotli.NewReader(bytes.NewReader(br.Body))); err != nil || !bytes.Equal(got, plain.Body) {
			t.Errorf("%s: brotli has another content (%v)", name, err)
		}
		t.Logf("%-12s %6d plain %6d gzip %6d br", name, len(plain.Body), len(gz.Body), len(br.Body))
	}
}

func TestAcceptEncoding(t *testing.T) {
	e := encode([]byte("body"), "text/css")
	for header, want := range map[string]string{
		"":                      "",
		"identity":              "",
		"gzip":                  "gzip",
		"GZIP":                  "gzip",
		"br":                    "br",
		"gzip, br":              "br",
		"br;q=0, gzip":          "gzip",
		"br; q=0.000, gzip;q=0": "",
		"*":                     "br",
		"*;q=0, gzip":           "gzip",
		"br;q=0, *":             "gzip",
		"gzip;q=nonsense":       "",
		"brx":                   "",
	} {
		if got := e.choose(header).Encoding; got != want {
			t.Errorf("Accept-Encoding %q: got %q, want %q", header, got, want)
		}
	}
}

func TestOpenRejectsUnknownPaths(t *testing.T) {
	files := mustNew(t)
	for _, p := range []string{
		"", "/static/", "/static/shell.css", "shell.css", "/static/../static.go", "/static/README", files.URL("shell.css") + "x",
	} {
		if _, ok := files.Open(p, "br"); ok {
			t.Errorf("%q is answered", p)
		}
	}
}

func TestErrVendorNamesTheCommand(t *testing.T) {
	without := copyEmbedded(t)
	delete(without, "vendor/sse.js")
	_, err := newBuild(without)
	if !errors.Is(err, ErrVendor) || !strings.Contains(err.Error(), "go run ./static/assets") ||
		!strings.Contains(err.Error(), "sse.js") {
		t.Errorf("got %v", err)
	}
	if err := checkVendor(embedded); err != nil {
		t.Error(err)
	}
}

func TestEverySourceIsBundled(t *testing.T) {
	var scripts []string
	for _, script := range bundles {
		scripts = append(scripts, strings.Fields(script.modules)...)
	}
	scripts = slices.Compact(slices.Sorted(slices.Values(scripts)))
	for dir, listed := range map[string][]string{"css": slices.Concat(sections, []string{"frame"}), "js": scripts} {
		entries, err := fs.ReadDir(embedded, dir)
		if err != nil {
			t.Fatal(err)
		}
		var present []string
		for _, e := range entries {
			present = append(present, strings.TrimSuffix(e.Name(), "."+dir))
		}
		if slices.Sort(present); !slices.Equal(present, slices.Sorted(slices.Values(listed))) {
			t.Errorf("%s/ holds %v, listed are %v", dir, present, listed)
		}
	}
}

func TestFileNames(t *testing.T) {
	b, err := newBuild(embedded)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"admin.css", "emoji.js", "emoji_data.js", "favicon-unread.svg", "favicon.svg", "frame.js", "front.css", "gallery.css", "htmx.js",
		"icon-192.png", "icon-512.png", "icon-apple.png", "icon-maskable.png",
		"main.js", "morph.js", "offline.js", "sheet.css", "shell.css", "sse.js", "switcher.js",
		"worker.js",
	}
	if got := slices.Sorted(maps.Keys(b.urls)); !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
}

// TestWeights bounds the gzipped bytes of a first visit: 14 KB for the scripts of
// our own that the first interaction needs, and 14.6 KB for a conversation page with its stylesheet, which leaves
// 7.6 KB for the page.
func TestWeights(t *testing.T) {
	files := mustNew(t)
	for name, limit := range map[string]int{"main.js": 14_000, "shell.css": 7300, "front.css": 4000, "admin.css": 9000} {
		gz, _ := files.Open(files.URL(name), "gzip")
		if len(gz.Body) > limit {
			t.Errorf("%s weighs %d bytes gzipped, more than %d", name, len(gz.Body), limit)
		}
	}
}
