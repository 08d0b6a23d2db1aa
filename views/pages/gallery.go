package pages

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"parley/views/components"
)

// heading returns a noun as a heading, such as "Stat card".
func heading(noun string) string { return components.Capitalize(strings.ReplaceAll(noun, "_", " ")) }

// functionNames lists the functions of a noun's components.
func functionNames(n components.Noun) string {
	var all []string
	for _, e := range n.Examples {
		if name := "components." + e.Name; !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return strings.Join(all, ", ")
}

func caption(e components.Example) string { return strings.TrimSuffix(e.Name+": "+e.State, ": ") }

// anchor returns an example's anchor in the gallery, such as avatar-large-and-online.
func anchor(e components.Example) string {
	words := strings.FieldsFunc(strings.ToLower(e.Name+" "+e.State), func(r rune) bool {
		return r < '0' || r > '9' && r < 'a' || r > 'z'
	})
	return strings.Join(words, "-")
}

// suffix returns the suffix of the ids in an example.
func suffix(noun, example int) string { return "-" + strconv.Itoa(noun) + "-" + strconv.Itoa(example) }

// references are the attributes that refer to ids.
var references = []string{
	"for", "list", "form", "aria-describedby", "aria-labelledby", "aria-controls", "aria-owns", "commandfor", "popovertarget",
}

// isolate renders an example so that many fit on one page. Its ids, which occur once
// on a real page, get a suffix, and the content of templates is shown.
func isolate(e templ.Component, suffix string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		var b bytes.Buffer
		if err := e.Render(ctx, &b); err != nil {
			return err
		}
		tokens, ids, err := tokenize(&b)
		if err != nil {
			return err
		}

		for _, t := range tokens {
			for i := range t.Attr {
				addSuffix(&t.Attr[i], ids, suffix)
			}
			if _, err := io.WriteString(w, t.String()); err != nil {
				return err
			}
		}
		return nil
	})
}

// tokenize returns the tokens of a component without template tags, and its ids.
func tokenize(r io.Reader) (tokens []html.Token, ids map[string]bool, err error) {
	ids = map[string]bool{}
	for z := html.NewTokenizer(r); ; {
		if z.Next() == html.ErrorToken {
			if z.Err() == io.EOF {
				return tokens, ids, nil
			}
			return nil, nil, z.Err()
		}

		t := z.Token()
		for _, a := range t.Attr {
			if a.Key == "id" {
				ids[a.Val] = true
			}
		}
		if t.Data != "template" || t.Type == html.TextToken {
			tokens = append(tokens, t)
		}
	}
}

// addSuffix changes an id, or the references to ids of the same component.
func addSuffix(a *html.Attribute, ids map[string]bool, suffix string) {
	switch {
	case a.Key == "id":
		a.Val += suffix
	case a.Key == "href" && strings.HasPrefix(a.Val, "#") && ids[a.Val[1:]]:
		a.Val += suffix
	case slices.Contains(references, a.Key):
		words := strings.Fields(a.Val)
		for i, w := range words {
			if ids[w] {
				words[i] += suffix
			}
		}
		a.Val = strings.Join(words, " ")
	}
}
