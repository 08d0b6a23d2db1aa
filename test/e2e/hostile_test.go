package e2e

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"parley/test/wait"
)

// hostile are texts that want to be more than text.
func hostile() map[string]string {
	return map[string]string{
		"markup":           `<img src=x onerror="alert(1)"><script>alert(2)</script></p></li><h1>big`,
		"svg":              `<svg/onload=alert(3)><a href="javascript:alert(4)">x</a>`,
		"entities":         `&lt;script&gt;alert(5)&lt;/script&gt; &amp;#x3c; &nbsp;`,
		"template":         "${alert(6)} {{alert(7)}} <template><b>x</b></template>",
		"scheme links":     "javascript:alert(8) data:text/html,<script>alert(9)</script> vbscript:x",
		"link with quotes": `https://example.org/"onmouseover="alert(10) https://example.org/<b>`,
		"bidi controls":    "abc \u202eevil\u202c \u2066x\u2069 \u200f",
		"combining marks":  "Z" + strings.Repeat("\u0301\u0316", 1900),
		"line separators":  "one\u2028two\u2029three",
		"lone CR":          "event: signout\rdata: x\r\revent: reload",
		"an event":         "x\n\nevent: signout\ndata: {}\n\n",
		"out of band":      `<div id="messages" hx-swap-oob="true">gone</div>`,
		"htmx":             `<b hx-get="/signout" hx-trigger="load">x</b>`,
	}
}

// TestHostileTextIsText: in names and messages, on the page, in the stream, the title and the list; nothing runs.
func TestHostileTextIsText(t *testing.T) {
	t.Parallel()
	at := onSite(t).one
	mallory, bob := programFor(t, `<img src=x onerror=alert(0)>`, at), opensBrowser(t, unique(t, "Bob"), at).signsIn()
	bob.isLive()
	var dialogs atomic.Int64
	if err := chromedp.Listen(bob.tab, func(ev any) {
		if _, ok := ev.(*page.EventJavascriptDialogOpening); ok {
			dialogs.Add(1)
		}
	}); err != nil {
		t.Fatal(err)
	}
	var me struct{ People []struct{ ID, Name string } }
	if status, err := mallory.get(at, "/people?q="+url.QueryEscape(bob.name), &me); status != 200 || err != nil || len(me.People) != 1 {
		t.Fatalf("%d, %v, %+v", status, err, me)
	}
	if status, err := mallory.post(at, "/requests", url.Values{"person": {me.People[0].ID}}, nil); status != 201 {
		t.Fatalf("%d, %v", status, err)
	}
	wait.Until(t, "the toast has the name as text", func() bool { return strings.Contains(bob.toast(), mallory.name) })
	bob.opens("/requests")
	bob.clicks(`//main//button[normalize-space()="Accept"]`, func() bool { return strings.Contains(bob.page(), "Accepted") })
	bob.clicks(`//main//button[normalize-space()="Say hello"]`, func() bool { return bob.shows("#message") })
	bob.isLive()
	bob.seesTitle(mallory.name + " · Parley")
	talk := evaluate[string](bob, "location.pathname")
	var want []string
	for _, name := range slices.Sorted(maps.Keys(hostile())) {
		body := hostile()[name]
		mallory.send([]*replica{at}, talk, body)
		want = append(want, body)
	}
	same := func(got []string) bool {
		return slices.EqualFunc(got, want, func(a, b string) bool { return shownAs(a) == shownAs(b) })
	}
	wait.Until(t, "all of it is shown as it is, live", func() bool { return same(bob.messages()) })
	wait.Until(t, "and stored", bob.allStored)
	check := func(when string) {
		if links := evaluate[[]string](bob, `[...document.querySelectorAll(".message p a")].map(a => a.protocol)`); slices.ContainsFunc(links, func(l string) bool { return l != "https:" }) {
			t.Errorf("%s: links to %q", when, links)
		}
		if n := evaluate[float64](bob, `document.querySelectorAll("main img, main script, main h1 ~ h1, [onerror], [onload], .message [hx-get], .message template, .message svg:not(.ring, .icon)").length`); n != 0 {
			t.Errorf("%s: %v elements of the text became elements of the page", when, n)
		}
		if wide := evaluate[float64](bob, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
			t.Errorf("%s: the page is %v px too wide", when, wide)
		}
	}
	check("live")
	bob.reloads()
	wait.Until(t, "after a reload too", func() bool { return same(bob.messages()) })
	check("reloaded")
	for _, path := range []string{"/conversations", "/friends", "/people?q=onerror", talk + "/details", "/account"} {
		bob.opens(path)
		check(path)
	}
	if n := dialogs.Load(); n != 0 {
		t.Errorf("%d dialogs opened", n)
	}
	if status, _ := mallory.post(at, talk+"/messages", url.Values{"body": {strings.Repeat("\u0301", 10_000)}, "client_id": {"0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a10"}}, nil); status != 422 {
		t.Errorf("10,000 combining marks: %d", status)
	}
}

// shownAs is a text as a page can have it: a lone CR becomes a line end on its way through a stream, or a page.
func shownAs(s string) string { return strings.ReplaceAll(s, "\r", "\n") }
