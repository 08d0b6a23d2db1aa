package components

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"parley/app/chat"
)

// FuzzMessageText: the rendered text is the message's, in one paragraph with links.
func FuzzMessageText(f *testing.F) {
	for _, s := range []string{
		"hi",
		"<script>alert(1)</script>",
		"</p><img src=x onerror=alert(1)>",
		"&lt;b&gt; &amp; &",
		"https://example.org/a?b=1&c",
		"https://gооgle.com/",
		"https://x/\"onmouseover=\"alert(1)",
		"https://пример.рф/ https://пример.рф/",
		"a\r\nb\rc\n",
		"\u202ehttps://x.example",
		"javascript:alert(1)",
		"<!-- -->",
		"]]>",
		"{{.}}",
		"\u0000",
		"https://[::1]/",
		"http://a.example/%zz",
		"'\"`",
		"www.example.net/a?b=1&c, a@b.example",
	} {
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

		paragraphs, links := doc.Find("body > p").Length(), doc.Find("body > p > a").Length()
		if paragraphs != 1 || doc.Find("body *").Length() != paragraphs+links || doc.Find("head *").Length() > 0 {
			t.Errorf("%q has other elements: %s", body, b.String())
		}

		doc.Find("p, a").Each(func(_ int, e *goquery.Selection) {
			for _, a := range e.Nodes[0].Attr {
				switch a.Key {
				case "dir", "rel", "target":
				case "href":
					u, err := url.Parse(a.Val)
					if err == nil && u.Scheme == "mailto" && u.Opaque != "" && u.RawQuery == "" {
						continue
					}
					if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
						t.Errorf("%q links to %q", body, a.Val)
					}
				default:
					t.Errorf("%q has an attribute %s", body, a.Key)
				}
			}
		})

		got, want := doc.Find("p").Text(), strings.ReplaceAll(body, "\r", "\n")
		if got != want && !strings.Contains(got, "xn--") { // a host that resembles another one is written in ASCII
			t.Errorf("%q is rendered as %q", want, got)
		}
	})
}
