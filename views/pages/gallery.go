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

func number(n int) string { return strconv.Itoa(n) }

// names are a noun's components, as code calls them.
func names(n components.Noun) string {
	var all []string
	for _, e := range n.Examples {
		if name := "components." + e.Name; !slices.Contains(all, name) {
			all = append(all, name)
		}
	}

	return strings.Join(all, ", ")
}

func caption(e components.Example) string { return strings.TrimSuffix(e.Name+": "+e.State, ": ") }

// anchor is an example's place in the gallery, such as avatar-large-and-online.
func anchor(e components.Example) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(e.Name+" "+e.State), func(r rune) bool { return r < '0' || r > '9' && r < 'a' || r > 'z' }), "-")
}

// references are attributes that name ids.
var references = []string{"for", "list", "form", "aria-describedby", "aria-labelledby", "aria-controls", "aria-owns", "aria-activedescendant", "commandfor", "popovertarget"}

// isolated renders an example so that many fit on one page: its ids get a suffix, because an
// id may occur once per page, and the content of template elements is shown.
func isolated(e templ.Component, suffix string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		var b bytes.Buffer
		if err := e.Render(ctx, &b); err != nil {
			return err
		}

		tokens, ids, err := tokensOf(&b)
		if err != nil {
			return err
		}

		for _, t := range tokens {
			for i := range t.Attr {
				rename(&t.Attr[i], ids, suffix)
			}

			if _, err := io.WriteString(w, t.String()); err != nil {
				return err
			}
		}

		return nil
	})
}

func tokensOf(r io.Reader) (tokens []html.Token, ids map[string]bool, err error) {
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

func rename(a *html.Attribute, ids map[string]bool, suffix string) {
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
