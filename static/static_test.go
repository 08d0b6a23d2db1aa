package static

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

func mustNew(t *testing.T) *Files {
	t.Helper()
	files, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// copyOf gives a test the embedded files to change.
func copyOf(t *testing.T) fstest.MapFS {
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

func TestAddressesChangeWithTheContentAndOnlyThen(t *testing.T) {
	a, b := mustNew(t), mustNew(t)
	for _, name := range []string{"shell.css", "front.css", "admin.css", "main.js", "htmx.js", "morph.js", "sse.js", "favicon.svg"} {
		if a.URL(name) != b.URL(name) {
			t.Errorf("%s has two addresses: %s and %s", name, a.URL(name), b.URL(name))
		}
	}
	changed := copyOf(t)
	changed["css/badge.css"].Data = append(changed["css/badge.css"].Data, ".new-rule { color: red; }"...)
	c, err := newBuild(changed)
	if err != nil {
		t.Fatal(err)
	}
	if c.urls["shell.css"] == a.URL("shell.css") || c.urls["front.css"] != a.URL("front.css") {
		t.Errorf("badge.css changed: shell.css must move and front.css stay: %s, %s", c.urls["shell.css"], c.urls["front.css"])
	}
}

func TestEveryEncodingIsTheSameFile(t *testing.T) {
	files := mustNew(t)
	for _, name := range []string{"shell.css", "front.css", "admin.css", "main.js", "htmx.js", "morph.js", "sse.js", "favicon.svg"} {
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
			t.Errorf("%s: gzip gives other bytes (%v)", name, err)
		}
		if got, err := io.ReadAll(brotli.NewReader(bytes.NewReader(br.Body))); err != nil || !bytes.Equal(got, plain.Body) {
			t.Errorf("%s: brotli gives other bytes (%v)", name, err)
		}
		t.Logf("%-12s %6d plain %6d gzip %6d br", name, len(plain.Body), len(gz.Body), len(br.Body))
	}
}

func TestAcceptEncoding(t *testing.T) {
	e := encode([]byte("body"), "text/css")
	for header, want := range map[string]string{
		"": "", "identity": "", "gzip": "gzip", "GZIP": "gzip", "br": "br", "gzip, br": "br", "br;q=0, gzip": "gzip",
		"br; q=0.000, gzip;q=0": "", "*": "br", "*;q=0, gzip": "gzip", "br;q=0, *": "gzip", "gzip;q=nonsense": "", "brx": "",
	} {
		if got := e.choose(header).Encoding; got != want {
			t.Errorf("Accept-Encoding %q: got %q, want %q", header, got, want)
		}
	}
}

func TestOpenKnowsOnlyItsOwnAddresses(t *testing.T) {
	files := mustNew(t)
	for _, p := range []string{"", "/static/", "/static/shell.css", "shell.css", "/static/../static.go", "/static/README", files.URL("shell.css") + "x"} {
		if _, ok := files.Open(p, "br"); ok {
			t.Errorf("%q is answered", p)
		}
	}
}

func TestMissingLibrariesNameTheCommand(t *testing.T) {
	without := copyOf(t)
	delete(without, "vendor/sse.js")
	_, err := newBuild(without)
	if !errors.Is(err, ErrVendor) || !strings.Contains(err.Error(), "go run ./static/assets") || !strings.Contains(err.Error(), "sse.js") {
		t.Errorf("got %v", err)
	}
	if err := Check(); err != nil {
		t.Error(err)
	}
}

func TestNoFileIsLeftOut(t *testing.T) {
	for dir, listed := range map[string][]string{"css": sections, "js": append([]string{"worker"}, modules...)} {
		entries, err := fs.ReadDir(embedded, dir)
		if err != nil {
			t.Fatal(err)
		}
		var there []string
		for _, e := range entries {
			there = append(there, strings.TrimSuffix(e.Name(), "."+dir))
		}
		if slices.Sort(there); !slices.Equal(there, slices.Sorted(slices.Values(listed))) {
			t.Errorf("%s/ holds %v, listed are %v", dir, there, listed)
		}
	}
}

// The map of the look: each noun has a file of its name.
func TestEveryNounHasItsStylesheet(t *testing.T) {
	nouns := strings.Fields(`icon receipt button field search avatar badge status table stat_card pipeline_steps shell tabs switch connection conversation
		header message separator jump composer banner toast card person request empty loading dialog menu problems settings front admin`)
	for _, noun := range nouns {
		if !slices.Contains(sections, noun) {
			t.Errorf("no css/%s.css", noun)
		}
	}
}

var selectors = regexp.MustCompile(`\.[a-z][a-z-]*`)

func TestSqueezeKeepsWhatCSSNeeds(t *testing.T) {
	in := `/* a note */
.a::before { content: "two  {spaces}; /* kept */"; width: calc(1px - (2em + 3px)); }
.a > .b, .c:not(.d) :hover { margin: 0 -1px; --x: light-dark(red, blue); & .e { color: red; } }
@media (min-width: 44rem) and (max-width: 60rem) { .f { grid-template: "a b" auto / 1fr; } }
`
	want := `.a::before{content:"two  {spaces}; /* kept */";width:calc(1px - (2em + 3px))}` +
		`.a > .b,.c:not(.d) :hover{margin:0 -1px;--x:light-dark(red,blue);& .e{color:red}}` +
		`@media (min-width:44rem) and (max-width:60rem){.f{grid-template:"a b" auto / 1fr}}`
	if got := string(squeeze([]byte(in))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSqueezedStylesheetsHaveEveryClass(t *testing.T) {
	files := mustNew(t)
	css, _ := files.Open(files.URL("gallery.css"), "")
	for _, section := range sections {
		source, err := fs.ReadFile(embedded, "css/"+section+".css")
		if err != nil {
			t.Fatal(err)
		}
		source = regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAll(source, nil)
		for _, s := range selectors.FindAll(source, -1) {
			if !bytes.Contains(css.Body, s) {
				t.Errorf("%s.css: %s is lost", section, s)
			}
		}
	}
	if bytes.Count(css.Body, []byte("{")) != bytes.Count(css.Body, []byte("}")) || bytes.Contains(css.Body, []byte("/*")) {
		t.Error("braces don't match, or a comment is left")
	}
}

// A browser would refuse the whole script for one mistake in the joining.
func TestScriptIsUnderstood(t *testing.T) {
	files := mustNew(t)
	for _, script := range []string{"main.js", "worker.js"} {
		js, _ := files.Open(files.URL(script), "")
		name := path.Join(t.TempDir(), "client.mjs")
		if err := os.WriteFile(name, js.Body, 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("node", "--check", name).CombinedOutput(); err != nil {
			t.Fatalf("node --check %s (Node.js 20 or newer must be installed): %v\n%s", script, err, out)
		}
	}
}

func TestScriptRefusesTwoOfOneName(t *testing.T) {
	files := copyOf(t)
	files["js/dates.js"].Data = append(files["js/dates.js"].Data, "\nexport function coalesce() {}\n"...)
	if _, err := newBuild(files); err == nil || !strings.Contains(err.Error(), "coalesce") {
		t.Errorf("got %v", err)
	}
	files = copyOf(t)
	files["js/timing.js"].Data = append([]byte("import { Order } from './order.js'\n"), files["js/timing.js"].Data...)
	if _, err := newBuild(files); err == nil || !strings.Contains(err.Error(), "before") {
		t.Errorf("got %v", err)
	}
}

func TestScriptIsOneScopeWithoutModules(t *testing.T) {
	files := mustNew(t)
	js, _ := files.Open(files.URL("main.js"), "")
	if m := regexp.MustCompile(`(?m)^(import|export) .*`).Find(js.Body); m != nil {
		t.Errorf("left in main.js: %s", m)
	}
}

// What a first visit may weigh, gzipped: our own script 10 KB; a conversation page and its stylesheet together 14.6 KB, which leaves the
// page 7.6 KB.
func TestWeights(t *testing.T) {
	files := mustNew(t)
	for name, limit := range map[string]int{"main.js": 10_000, "shell.css": 7200, "front.css": 4000, "admin.css": 9000} {
		gz, _ := files.Open(files.URL(name), "gzip")
		if len(gz.Body) > limit {
			t.Errorf("%s weighs %d bytes gzipped, more than %d", name, len(gz.Body), limit)
		}
	}
}

func TestDirectoryIsReadAgainAfterAChange(t *testing.T) {
	dir := t.TempDir()
	for name, file := range copyOf(t) {
		if err := errors.Join(os.MkdirAll(path.Join(dir, path.Dir(name)), 0o755), os.WriteFile(path.Join(dir, name), file.Data, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	files, err := NewFromDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	before := files.URL("shell.css")
	if err := os.WriteFile(path.Join(dir, "css", "badge.css"), []byte(".badge { color: red; }"), 0o644); err != nil {
		t.Fatal(err)
	}
	after := files.URL("shell.css")
	if before == after {
		t.Error("a changed stylesheet keeps its address")
	}
	if css, ok := files.Open(after, ""); !ok || !bytes.Contains(css.Body, []byte(".badge{color:red}")) {
		t.Error("the change isn't served")
	}
	if err := os.Remove(path.Join(dir, "css", "badge.css")); err != nil {
		t.Fatal(err)
	}
	if files.URL("shell.css") != after {
		t.Error("a state that can't be built replaced a good one")
	}
}

func TestNamesAreFixed(t *testing.T) {
	b, err := newBuild(embedded)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"admin.css", "favicon-unread.svg", "favicon.svg", "front.css", "gallery.css", "htmx.js",
		"icon-192.png", "icon-512.png", "icon-apple.png", "icon-maskable.png",
		"main.js", "morph.js", "shell.css", "sse.js", "worker.js",
	}
	if got := slices.Sorted(maps.Keys(b.urls)); !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
}
