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
		// As people and address bars write them.
		"https://example.com/100%-cotton":                     "[https://example.com/100%-cotton](https://example.com/100%25-cotton)",
		"https://example.com/100%":                            "[https://example.com/100%](https://example.com/100%25)",
		"https://example.com/a%20b?q=5%&r=%zz#50%":            "[https://example.com/a%20b?q=5%&r=%zz#50%](https://example.com/a%20b?q=5%25&r=%25zz#50%25)",
		"https://example.com,https://example.org":             "<https://example.com>,<https://example.org>",
		"https://a.example/x;http://b.example/y,c":            "<https://a.example/x>;<http://b.example/y,c>",
		"https://example.com,then":                            "<https://example.com>,then",
		"https://example.com/a,b;c":                           "<https://example.com/a,b;c>",
		"https://web.archive.org/web/2020/https://a.example/": "<https://web.archive.org/web/2020/https://a.example/>",
		"https://a.example/?u=https://b.example/x":            "<https://a.example/?u=https://b.example/x>",
		"https://example.com/?family=A|B":                     "<https://example.com/?family=A|B>",
		"https://example.com/?q={a}^b|c":                      "<https://example.com/?q={a}^b|c>",
		"https://example.com/a|b":                             "[https://example.com/a|b](https://example.com/a%7Cb)",
		"https://my_host.example.com/":                        "<https://my_host.example.com/>",
		"https://r3---sn-a.example.com/":                      "<https://r3---sn-a.example.com/>",
		"http://_dmarc.example.com:8080":                      "<http://_dmarc.example.com:8080>",
		"http://localhost:8080/x, http://127.0.0.1.":          "<http://localhost:8080/x>, <http://127.0.0.1>.",
		"https://fa.example/می\u200cخواهم":                    "[https://fa.example/می\u200cخواهم](https://fa.example/%D9%85%DB%8C%E2%80%8C%D8%AE%D9%88%D8%A7%D9%87%D9%85)",
		"https://a.example/👩\u200d💻!":                         "[https://a.example/👩\u200d💻](https://a.example/%F0%9F%91%A9%E2%80%8D%F0%9F%92%BB)!",
		"https://a.example/x\u200b and":                       "<https://a.example/x>\u200b and",
		"https://a.example/x\u3164y":                          "<https://a.example/x>\u3164y",
		"https://a\u200d.example/":                            "https://a\u200d.example/",
		"https://a\u00adb.example/":                           "https://a\u00adb.example/",
		"https://a.example\u200b and":                         "<https://a.example>\u200b and",
		"[text](https://a.example/x)":                         "[text](<https://a.example/x>)",
		"[https://a.example](https://b.example)":              "[<https://a.example>](<https://b.example>)",
		"https://a.example/x(y":                               "<https://a.example/x>(y",
		"**https://a.example/** `https://b.example`":          "**<https://a.example/>** `<https://b.example>`",
		"https://a.example/#:~:text=x-,y":                     "<https://a.example/#:~:text=x-,y>",
		"https://good.example\\@evil.example/":                "<https://good.example>\\@evil.example/",
		"https://good.example,@evil.example/":                 "https://good.example,@evil.example/",
		"https://a.example:80a/":                              "https://a.example:80a/",
		"https://хабр.example/статья।":                        "[https://xn--80ac9br.example/статья](https://xn--80ac9br.example/%D1%81%D1%82%D0%B0%D1%82%D1%8C%D1%8F)।",
		// As people write them in a sentence.
		"see www.example.net.":                            "see [www.example.net](https://www.example.net).",
		"(www.example.net/a_(b)?c=d#e), WWW.Example.org!": "([www.example.net/a_(b)?c=d#e](https://www.example.net/a_(b)?c=d#e)), [WWW.Example.org](https://www.example.org)!",
		"www.example.net,www.example.org":                 "[www.example.net](https://www.example.net),[www.example.org](https://www.example.org)",
		"www.gооgle.com":                                  "[www.xn--ggle-55da.com](https://www.xn--ggle-55da.com)",
		"www.  www.. www.example awww.example.net":        "www.  www.. www.example awww.example.net",
		"www.bank.example@evil.example/":                  "www.bank.example@evil.example/",
		"write to ida.brandt+x@mail.example.net.":         "write to [ida.brandt+x@mail.example.net](mailto:ida.brandt+x@mail.example.net).",
		"<a@b.example>, mailto:a@b.example; c@d.example:": "<[a@b.example](mailto:a@b.example)>, mailto:[a@b.example](mailto:a@b.example); [c@d.example](mailto:c@d.example):",
		"git@github.com:parley/x a@b a@b.c @ida @x.org":   "git@github.com:parley/x a@b a@b.c @ida @x.org",
		"a@b.example@c.example a@b.example/x éa@b.org":    "a@b.example@c.example a@b.example/x éa@b.org",
		"a@b.exampleя a@b.example\u200bx .a@b.example":    "a@b.exampleя a@b.example\u200bx .a@b.example",
		"100%@b.example a%b@c.example":                    "100%@b.example [a%b@c.example](mailto:a%25b@c.example)",
		"https://example.org/\"onmouseover=\"alert(1)":    "",
		"https://example.org/<script>alert(1)</script>":   "",
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

// TestFirstOfTwoLinks: of two addresses that only a comma or a semicolon separates, both are
// linked.
func TestFirstOfTwoLinks(t *testing.T) {
	addresses := []string{
		"https://example.com", "http://a.example:8080", "https://[2001:db8::1]", "https://例え.テスト", "https://a.example/",
		"https://a.example/b?c=d&e=f#g", "HTTP://A.EXAMPLE/x_(y)", "https://a_b.example/100%", "https://a.example/b,c;d",
		"https://a.example/?q=a|b", "https://fa.example/می\u200cخواهم", "https://a.example/👩\u200d💻",
	}
	for _, first := range addresses {
		for _, second := range addresses {
			for _, separator := range []string{",", ";", ", ", "; ", "\n"} {
				links := Links(first + separator + second)
				if len(links) != 3 || links[0].Text != first || links[0].Href == "" || links[2].Text != second ||
					links[2].Href == "" {
					t.Errorf("%q and %q: got %+v, want two links", first, second, links)
				}
			}
		}
	}
}

// FuzzLinks: the pieces are the text, and each link leads to http, https or a mail address.
func FuzzLinks(f *testing.F) {
	for _, s := range []string{"a https://b.example/c(d)%, http://x", "https://[::1]:8/%zz", "https://a@b/", "https://\u200d", "www.a.b a@b.de"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var whole strings.Builder
		for _, l := range Links(s) {
			whole.WriteString(l.Text)
			if l.Href != "" && !strings.HasPrefix(l.Href, "http://") && !strings.HasPrefix(l.Href, "https://") &&
				l.Href != "mailto:"+strings.ReplaceAll(l.Text, "%", "%25") {
				t.Errorf("%q: got a link to %q", s, l.Href)
			}
		}
		if !strings.Contains(whole.String(), "xn--") && whole.String() != s {
			t.Errorf("%q is split into %q", s, &whole)
		}
	})
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

// BenchmarkManySchemes: the time grows with the text, not with its square.
func BenchmarkManySchemes(b *testing.B) {
	text := strings.Repeat("https://@", 4000/9)
	for b.Loop() {
		Links(text)
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
