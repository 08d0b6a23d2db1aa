package e2e

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/google/uuid"

	"parley/app/client"
	"parley/test/browser"
	"parley/test/wait"
)

// hostileTexts are messages that would change a page that does not escape them.
func hostileTexts() map[string]string {
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

// TestHostileTextIsText: hostile names and messages are text on the page, in the stream, in the
// title and in the list, and no script of theirs runs.
func TestHostileTextIsText(t *testing.T) {
	t.Parallel()
	address := sharedSite(t).one
	mallory, bob := newAPIUser(t, `<img src=x onerror=alert(0)>`, address), newPerson(t, "Bob", address).SignsIn()
	bob.IsLive()
	var dialogs atomic.Int64
	bob.Listens(func(event any) {
		if _, ok := event.(*page.EventJavascriptDialogOpening); ok {
			dialogs.Add(1)
		}
	})

	found, err := mallory.People(t.Context(), bob.Name)
	if err != nil || len(found) != 1 {
		t.Fatalf("found %+v, %v", found, err)
	}
	if _, err := mallory.RequestFriend(t.Context(), found[0].ID); err != nil {
		t.Fatal(err)
	}

	bob.SeesToast(mallory.User.Name)
	bob.Opens("/requests")
	bob.Clicks(`//main//button[normalize-space()="Accept"]`, bob.Reading("Accepted"))
	bob.Clicks(`//main//button[normalize-space()="Say hello"]`, bob.Showing("#message"))
	bob.IsLive()
	bob.SeesTitle(mallory.User.Name + " · Parley")

	conversation := bob.Path()
	id := uuid.MustParse(conversationID(conversation))
	var want []string
	for _, name := range slices.Sorted(maps.Keys(hostileTexts())) {
		body := hostileTexts()[name]
		mallory.sends([]string{address}, id, body)
		want = append(want, body)
	}

	allShown := func() bool {
		return slices.EqualFunc(bob.Messages(), want, func(a, b string) bool { return shownAs(a) == shownAs(b) })
	}

	wait.Until(t, "all messages are shown live, as they were sent", allShown)
	bob.SeesAllStored()
	hasOnlyText(t, bob, "live")
	bob.Reloads()
	wait.Until(t, "all messages are shown after a reload, as they were sent", allShown)
	hasOnlyText(t, bob, "after a reload")
	paths := []string{"/conversations", "/friends", "/people?q=onerror", conversation + "/details", "/account"}
	for _, path := range paths {
		bob.Opens(path)
		hasOnlyText(t, bob, path)
	}
	if n := dialogs.Load(); n != 0 {
		t.Errorf("%d dialogs opened", n)
	}

	marks := url.Values{
		"body":      {strings.Repeat("\u0301", 10_000)},
		"client_id": {"0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a10"},
	}

	err = mallory.Post(t.Context(), conversation+"/messages", marks, nil)
	if client.Status(err) != http.StatusUnprocessableEntity {
		t.Errorf("10,000 combining marks: %v, want status 422", err)
	}
}

// hasOnlyText checks that the page has no element, link or width that came from a text.
func hasOnlyText(t *testing.T, p *browser.Person, when string) {
	t.Helper()
	schemes := p.Texts(`[...document.querySelectorAll(".message p a")].map(a => a.protocol)`)
	if slices.ContainsFunc(schemes, func(s string) bool { return s != "https:" }) {
		t.Errorf("%s: links with the schemes %q", when, schemes)
	}
	const elements = "main img, main script, main h1 ~ h1, [onerror], [onload], " +
		".message [hx-get], .message template, .message svg:not(.ring, .icon)"
	if n := p.Number(`document.querySelectorAll("` + elements + `").length`); n != 0 {
		t.Errorf("%s: %v elements of the text became elements of the page", when, n)
	}
	if wide := p.Number("document.documentElement.scrollWidth - innerWidth"); wide > 0 {
		t.Errorf("%s: the page is %v px too wide", when, wide)
	}
}

// shownAs is a text as a page shows it: a lone CR becomes a line end in a stream and in a page.
func shownAs(s string) string { return strings.ReplaceAll(s, "\r", "\n") }
