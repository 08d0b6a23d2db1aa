package components

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

func TestLinks(t *testing.T) {
	for text, want := range map[string]string{ // links as <address>, or as [text](address) if the two differ
		"nothing here":                                      "nothing here",
		"see https://example.org/a?b=1&c.":                  "see <https://example.org/a?b=1&c>.",
		"(https://example.org/wiki/A_(b))":                  "(<https://example.org/wiki/A_(b)>)",
		"“http://example.org”, he said":                     "“<http://example.org>”, he said",
		"«https://example.org/a», ‘https://example.org/b’":  "«<https://example.org/a>», ‘<https://example.org/b>’",
		"見る：https://example.org/c。次":                        "見る：<https://example.org/c>。次",
		"HTTPS://Example.ORG/Path!":                         "[HTTPS://Example.ORG/Path](https://example.org/Path)!",
		"a https://a.example b\nhttps://b.example:8080/x#y": "a <https://a.example> b\n<https://b.example:8080/x#y>",
		"https://[2001:db8::1]/x":                           "<https://[2001:db8::1]/x>",
		"javascript:alert(1) data:text/html,<b> vbscript:x": "javascript:alert(1) data:text/html,<b> vbscript:x",
		"javascript://example.org/%0aalert(1)":              "javascript://example.org/%0aalert(1)",
		"data://example.org ftp://example.org file:///etc":  "data://example.org ftp://example.org file:///etc",
		"https://bank.example@evil.example/":                "https://bank.example@evil.example/",
		"https://user:pw@evil.example/":                     "https://user:pw@evil.example/",
		"https://good.example/\u202Egro.live":               "https://good.example/\u202Egro.live",
		"\u2067https://good.example/":                       "\u2067https://good.example/",
		"https://":                                          "https://",
		"example.org is no link":                            "example.org is no link",
		"https://müller.example/ü":                          "[https://müller.example/ü](https://xn--mller-kva.example/%C3%BC)",
		"https://例え.テスト/":                                   "[https://例え.テスト/](https://xn--r8jz45g.xn--zckzah/)",
		"https://пример.рф/":                                "[https://пример.рф/](https://xn--e1afmkfd.xn--p1ai/)",
		"https://gооgle.com/":                               "<https://xn--ggle-55da.com/>",  // two Cyrillic о
		"https://аррӏе.com/":                                "<https://xn--80ak6aa92e.com/>", // all Cyrillic
		"https://example.org/\"onmouseover=\"alert(1)":      "",
		"https://example.org/<script>alert(1)</script>":     "",
	} {
		var got, whole strings.Builder
		for _, l := range Links(text) {
			whole.WriteString(l.Text)

			switch {
			case l.Href == "":
				got.WriteString(l.Text)
			case l.Href == l.Text:
				got.WriteString("<" + l.Text + ">")
			default:
				got.WriteString("[" + l.Text + "](" + l.Href + ")")
			}
		}

		if want != "" && got.String() != want {
			t.Errorf("%q\n got %s\nwant %s", text, &got, want)
		}

		if !strings.Contains(got.String(), "xn--") && whole.String() != text {
			t.Errorf("%q is split into %q", text, &whole)
		}
	}
}

// TestMessageTextIsTheText also checks that the text has no elements but links to
// https.
func TestMessageTextIsTheText(t *testing.T) {
	for _, text := range []string{
		"<b>bold</b> & <script>alert(1)</script>",
		"https://example.org/\"onmouseover=\"alert(1)",
		"https://example.org/<img src=x onerror=alert(1)>",
		"  two  spaces \n\n\tand a tab ",
		"https://a.example/'><svg onload=alert(1)> https://b.example",
		"java\nscript:alert(1) https://c.example/&quot;&#34;",
		"\u2028\u202E <a href='javascript:alert(1)'>x</a>",
		"👩‍👩‍👧 https://d.example/🎹",
		"a" + strings.Repeat("\u0301", 10000),
	} {
		doc := rendered(t, MessageText(text))
		if got := doc.Find("p").Text(); got != text {
			t.Errorf("%q is rendered as %q", text, got)
		}

		doc.Find("p *").Each(func(_ int, el *goquery.Selection) {
			href := el.AttrOr("href", "")
			if goquery.NodeName(el) != "a" || !strings.HasPrefix(href, "https://") || len(el.Nodes[0].Attr) != 3 {
				html, _ := goquery.OuterHtml(el)
				t.Errorf("%q has %s", text, html)
			}
		})
	}
}

func BenchmarkLinks(b *testing.B) {
	text := strings.Repeat("a word, https://example.org/page?x=1 (and so on) ", 80)
	for b.Loop() {
		Links(text)
	}
}

func TestLinksAreBounded(t *testing.T) {
	text := strings.Repeat("https://example.org/ ", 300)
	links, whole := 0, ""
	for _, part := range Links(text) {
		whole += part.Text
		if part.Href != "" {
			links++
		}
	}
	if links != 50 || whole != text {
		t.Errorf("%d links, want 50; the pieces are the text: %v", links, whole == text)
	}
}
