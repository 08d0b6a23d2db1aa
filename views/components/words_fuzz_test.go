package components

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"parley/app/chat"
)

// FuzzWords: what is shown is what was said, and nothing but paragraphs and links.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"hi", "<script>alert(1)</script>", "</p><img src=x onerror=alert(1)>", "&lt;b&gt; &amp; &", "https://example.org/a?b=1&c", "https://gооgle.com/", "https://x/\"onmouseover=\"alert(1)", "https://пример.рф/ https://пример.рф/", "a\r\nb\rc\n", "\u202ehttps://x.example", "javascript:alert(1)", "<!-- -->", "]]>", "{{.}}", "\u0000", "https://[::1]/", "http://a.example/%zz", "'\"`"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		body, err := chat.NormalizeBody(s)
		if err != nil {
			return
		}
		var b strings.Builder
		if err := MessageText(body).Render(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		if all, ours := doc.Find("body *").Length(), doc.Find("body > p").Length()+doc.Find("body > p > a").Length(); doc.Find("body > p").Length() != 1 || all != ours || doc.Find("head *").Length() > 0 {
			t.Errorf("%q has other elements: %s", body, b.String())
		}
		doc.Find("p, a").Each(func(_ int, e *goquery.Selection) {
			for _, a := range e.Nodes[0].Attr {
				switch a.Key {
				case "dir", "rel", "target":
				case "href":
					if u, err := url.Parse(a.Val); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
						t.Errorf("%q leads to %q", body, a.Val)
					}
				default:
					t.Errorf("%q has an attribute %s", body, a.Key)
				}
			}
		})
		shown, said := doc.Find("p").Text(), strings.ReplaceAll(body, "\r", "\n")
		if shown != said && !strings.Contains(shown, "xn--") { // which stands for a host that could be taken for another
			t.Errorf("%q is shown as %q", said, shown)
		}
	})
}
