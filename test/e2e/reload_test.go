package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"parley/test/wait"
)

// shownDOM is what a page shows, as text: its conversation (each row with its attributes, words, receipt and place among days and pauses), its
// list, its title and its counts. Left out is what only the way there differs in: what the script keeps on rows that came by the stream.
const shownDOM = `(() => {
	const tidy = e => {
		const c = e.cloneNode(true)
		for (const el of [c, ...c.querySelectorAll("*")]) {
			for (const a of ["data-client", "data-conversation", "data-log-offset", "tabindex"]) el.removeAttribute(a)
			el.classList.remove("live", "at")
			if (el.classList.length) el.setAttribute("class", [...el.classList].sort().join(" "))
			else el.removeAttribute("class")
		}
		return c.outerHTML.replace(/>\s+/g, ">").replace(/\s+</g, "<").replace(/\s+/g, " ")
	}
	const rows = [...document.querySelectorAll("#messages > li:not(.new)")].map(e => (e.previousElementSibling?.matches(".new") ? "after what was new " : "") + tidy(e))
	const list = [...document.querySelectorAll("a.conversation")].map(tidy)
	return ["title " + document.title, ...rows, ...list, "composer " + !!document.querySelector("#composer"), document.querySelector(".header .active")?.outerHTML ?? ""]
})()`

// TestLiveEqualsReload: whatever two people do, the page that followed live shows what a reload shows.
func TestLiveEqualsReload(t *testing.T) {
	t.Parallel()
	const actions, most = 500, 45 // as many messages as one page has room for
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	ada, bob, talk := adaAndBob(t)
	people := []*person{ada, bob}
	said := 0
	step := func(p *person) {
		switch n := random.IntN(100); {
		case n < 12 && said < most:
			said++
			text := []string{"Hello %d", "Two\nlines %d", "🎹", "A link: https://example.org/%d.", "a word that is quite loooooooooooooooooooooooooooooooooooooooooooong, %d"}[random.IntN(5)]
			if strings.Contains(text, "%d") {
				text = fmt.Sprintf(text, said)
			}
			evaluate[bool](p, fmt.Sprintf(`(() => { const f = document.getElementById("composer"); if (!f) return false; f.elements.body.value = %q; f.requestSubmit(); return true })()`, text))
		case n < 30:
			evaluate[bool](p, fmt.Sprintf(`(() => { const b = document.getElementById("message"); if (!b) return false; b.value = %q; b.dispatchEvent(new Event("input", {bubbles: true})); return true })()`, []string{"", "draft", "dra"}[random.IntN(3)]))
		case n < 45:
			evaluate[bool](p, fmt.Sprintf(`(l => { if (l) l.scrollTop = -%d; return true })(document.querySelector(".log"))`, random.IntN(2000)))
		case n < 60:
			p.hides(random.IntN(2) == 0)
		case n < 70:
			evaluate[bool](p, fmt.Sprintf(`(f => { f.value = %q; f.dispatchEvent(new Event("input", {bubbles: true})); return true })(document.getElementById("filter"))`, []string{"", "hello", "a"}[random.IntN(3)]))
		case n < 78:
			evaluate[bool](p, `(s => { if (s) { s.click() } return true })(document.querySelector(".menu summary"))`)
		case n < 86:
			p.opens([]string{"/conversations", "/people", talk, talk, talk + "#latest", "/account"}[random.IntN(6)])
		case n < 90:
			p.does("go back", chromedp.NavigateBack(), chromedp.WaitReady("body"))
		case n < 94:
			p.reloads()
		default:
			evaluate[bool](p, `(e => { if (e) e.focus(); return true })(document.querySelector("#message, #filter"))`)
		}
	}
	for i := range actions {
		p := people[random.IntN(2)]
		if !strings.HasPrefix(evaluate[string](p, "location.href"), p.at.base) { // back before the first page
			p.opens(talk)
		}
		step(p)
		if i%100 == 99 {
			settle(t, people, talk)
		}
	}
}

// settle brings both people to their conversation, lets everything arrive, and compares.
func settle(t *testing.T, people []*person, talk string) {
	t.Helper()
	for _, p := range people {
		if evaluate[string](p, "location.pathname") != talk || evaluate[bool](p, "!!location.search") {
			p.opens(talk)
		}
		p.hides(false)
		evaluate[bool](p, `(() => { const f = document.getElementById("filter"), b = document.getElementById("message"), l = document.querySelector(".log"); f.value = ""; f.dispatchEvent(new Event("input", {bubbles: true})); b.value = ""; b.dispatchEvent(new Event("input", {bubbles: true})); l.scrollTop = 0; dispatchEvent(new Event("focus")); document.querySelectorAll(".menu[open]").forEach(m => { m.open = false }); return true })()`)
		p.isLive()
	}
	total := len(storedOrder(t, talk))
	for _, p := range people {
		wait.Until(t, p.name+" has everything, stored and read", func() bool {
			total = len(storedOrder(t, talk))
			return len(p.ids()) == total && p.allStored() &&
				evaluate[bool](p, `![...document.querySelectorAll(".message.mine .receipt")].some(r => r.dataset.state !== "read")`)
		})
	}
	for _, p := range people {
		live := p.atRest()
		p.reloads()
		p.isLive()
		wait.Until(t, "the page is drawn", func() bool { return len(p.ids()) == total })
		again := p.atRest()
		forgetNewLine(live, again)
		if !equal(live, again) {
			t.Errorf("%s, %d messages: %s", p.name, total, difference(live, again))
		}
	}
}

// atRest is what the page shows once that hasn't changed for two seconds.
func (p *person) atRest() (shown []string) {
	p.t.Helper()
	since := time.Now()
	wait.Until(p.t, p.name+"'s page is at rest", func() bool {
		now := evaluate[[]string](p, shownDOM)
		if !equal(now, shown) {
			shown, since = now, time.Now()
		}
		return time.Since(since) > 2*time.Second
	})
	return shown
}

const afterNew = "after what was new "

// forgetNewLine: the line before new messages stays until the next visit, which a reload is; the row after it begins anew there.
func forgetNewLine(live, again []string) {
	for i := range min(len(live), len(again)) {
		if !strings.HasPrefix(live[i], afterNew) && !strings.HasPrefix(again[i], afterNew) {
			continue
		}
		for _, lines := range [][]string{live, again} {
			lines[i] = strings.Replace(strings.TrimPrefix(lines[i], afterNew), ` more"`, `"`, 1)
		}
	}
}

func equal(a, b []string) bool { return strings.Join(a, "\n") == strings.Join(b, "\n") }

// difference shows the first lines that differ.
func difference(live, again []string) string {
	for i := range max(len(live), len(again)) {
		l, a := "(nothing)", "(nothing)"
		if i < len(live) {
			l = live[i]
		}
		if i < len(again) {
			a = again[i]
		}
		if l != a {
			return fmt.Sprintf("line %d: live\n%s\nafter a reload\n%s", i, l, a)
		}
	}
	return "no difference"
}
