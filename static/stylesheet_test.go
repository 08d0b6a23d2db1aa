package static

import (
	"bytes"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestEveryNounHasItsStylesheet: designers find a component's style by its noun.
func TestEveryNounHasItsStylesheet(t *testing.T) {
	nouns := strings.Fields(`icon receipt button field search avatar badge status table stat_card pipeline_steps shell navigation
		switch connection conversation header message separator jump composer banner toast card person request empty loading
		dialog menu problems settings front admin`)
	for _, noun := range nouns {
		if !slices.Contains(sections, noun) {
			t.Errorf("no css/%s.css", noun)
		}
	}
}

// fontSizes are the sizes of fonts, and of the tokens that hold one.
var fontSizes = regexp.MustCompile(`(?:font(?:-size)?|--(?:xs|s|m|l|xl|letters)):[^;]*?\b(\d*\.?\d+)(rem|em|px)`)

// TestNoTextIsSmall: no text is smaller than 12 px, and the root has the size that the person set in
// the browser, so that lengths in rem are whole pixels by default.
func TestNoTextIsSmall(t *testing.T) {
	sizes := 0
	for _, section := range sections {
		source, err := fs.ReadFile(embedded, "css/"+section+".css")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fontSizes.FindAllStringSubmatch(string(comments.ReplaceAll(source, nil)), -1) {
			sizes++
			size, err := strconv.ParseFloat(m[1], 64)
			if err != nil || m[2] == "px" || m[2] == "rem" && size < .75 {
				t.Errorf("%s.css: %s (%v)", section, m[0], err)
			}
		}
	}
	if sizes < 15 {
		t.Errorf("only %d sizes were checked", sizes)
	}

	base, err := fs.ReadFile(embedded, "css/base.css")
	if err != nil {
		t.Fatal(err)
	}
	if root := regexp.MustCompile(`html \{[^}]*\}`).Find(base); !bytes.Contains(root, []byte("font: 100%/1.5 ")) {
		t.Errorf("the root's size is not the browser's: %s", root)
	}
}

func TestSqueezeKeepsWhatCSSNeeds(t *testing.T) {
	in := `/* a note */
.a::before { content: "two  {spaces}; /* kept */"; width: calc(1px - (2em + 3px)); }
.a > .b, .c:not(.d) :hover { margin: 0 -1px; --x: light-dark(red, blue); & .e { color: red; } }
@media (min-width: 44rem) and (max-width: 60rem) { .f { grid-template: "a b" auto / 1fr; } }
`
	want := `.a::before{content:"two  {spaces}; /* kept */";width:calc(1px - (2em + 3px))}` +
		`.a>.b,.c:not(.d) :hover{margin:0 -1px;--x:light-dark(red,blue);& .e{color:red}}` +
		`@media (min-width:44rem) and (max-width:60rem){.f{grid-template:"a b" auto / 1fr}}`
	if got := string(squeeze([]byte(in))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

var (
	comments  = regexp.MustCompile(`(?s)/\*.*?\*/`)
	selectors = regexp.MustCompile(`\.[a-z][a-z-]*`)
)

func TestSqueezeKeepsEveryClass(t *testing.T) {
	files := mustNew(t)
	css, _ := files.Open(files.URL("gallery.css"), "")
	for _, section := range sections {
		source, err := fs.ReadFile(embedded, "css/"+section+".css")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range selectors.FindAll(comments.ReplaceAll(source, nil), -1) {
			if !bytes.Contains(css.Body, s) {
				t.Errorf("%s.css: %s is missing from the bundle", section, s)
			}
		}
	}
	if bytes.Count(css.Body, []byte("{")) != bytes.Count(css.Body, []byte("}")) || bytes.Contains(css.Body, []byte("/*")) {
		t.Error("braces don't match, or a comment is left")
	}
}
