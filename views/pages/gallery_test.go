package pages

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"parley/views/components"
	"parley/views/layout"
)

func TestGalleryIDsAreUnique(t *testing.T) {
	var b bytes.Buffer

	page := layout.Page{Asset: func(name string) string { return "/static/" + name }}
	if err := Gallery(page, components.Examples()).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}

	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(b.String(), -1) {
		if seen[m[1]] {
			t.Errorf("two elements have the id %s", m[1])
		}

		seen[m[1]] = true
	}

	for _, m := range regexp.MustCompile(` (?:for|aria-describedby|aria-labelledby)="([^"]+)"`).FindAllStringSubmatch(b.String(), -1) {
		for _, id := range strings.Fields(m[1]) {
			if !seen[id] {
				t.Errorf("%s refers to the id %s, which does not exist", m[0], id)
			}
		}
	}

	if len(seen) < 60 {
		t.Errorf("got %d ids, want at least 60", len(seen))
	}
}

func TestIsolatedExampleKeepsItsMarkup(t *testing.T) {
	const in = `<label for="a">A &amp; &lt;b&gt;</label><textarea id="a" aria-describedby="b elsewhere" hidden>x &lt;/textarea&gt;
y</textarea><p id="b"><a href="#b">b</a><svg viewBox="0 0 1 1"><use href="#i-b"></use></svg></p><template id="t"><i>seen</i></template>`
	const want = `<label for="a-1">A &amp; &lt;b&gt;</label><textarea id="a-1" aria-describedby="b-1 elsewhere" hidden="">x &lt;/textarea&gt;
y</textarea><p id="b-1"><a href="#b-1">b</a><svg viewbox="0 0 1 1"><use href="#i-b"></use></svg></p><i>seen</i>`

	var b bytes.Buffer
	if err := isolated(templ.Raw(in), "-1").Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}

	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
