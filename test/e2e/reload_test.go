package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/test/browser"
	"parley/test/wait"
)

// visibleDOM is what a page shows, as text: each row of the conversation with its attributes, text,
// receipt and position among days and pauses; the list; the title and its count. Left out are the
// attributes and classes that scripts keep only on rows of the stream.
const visibleDOM = `(() => {
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
	const row = e => (e.previousElementSibling?.matches(".new") ? "` + afterNew + `" : "") + tidy(e)
	return [
		"title " + document.title,
		...[...document.querySelectorAll("#messages > li:not(.new)")].map(row),
		...[...document.querySelectorAll("a.conversation")].map(tidy),
		"composer " + !!document.querySelector("#composer"),
		document.querySelector(".header .active")?.outerHTML ?? "",
	]
})()`

// afterNew marks the row after the line that separates new messages.
const afterNew = "after the line of new messages "

// TestLiveEqualsReload has two people act at random. A page that followed live shows what it shows
// after a reload.
func TestLiveEqualsReload(t *testing.T) {
	t.Parallel()
	const actions = 500
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	ada, bob, conversation := adaAndBob(t)
	people := []*browser.Person{ada, bob}
	w := &randomWalk{Rand: rand.New(rand.NewPCG(seed, 0)), conversation: conversation}
	for i := range actions {
		p := people[w.IntN(2)]
		if !strings.HasPrefix(p.Text("location.href"), p.Base) { // back before the first page
			p.Opens(conversation)
		}

		w.act(p)
		if i%100 == 99 {
			compareWithReload(t, people, conversation)
		}
	}
}

// maxWalkMessages is below the number of messages on one page.
const maxWalkMessages = 45

// randomWalk acts at random in the browser of a person.
type randomWalk struct {
	*rand.Rand
	conversation string
	sent         int
}

func (w *randomWalk) act(p *browser.Person) {
	switch n := w.IntN(100); {
	case n < 12 && w.sent < maxWalkMessages:
		w.sent++
		p.Submits(strings.ReplaceAll(w.oneOf(
			"Hello %d", "Two\nlines %d", "🎹", "A link: https://example.org/%d.",
			"a word that is quite loooooooooooooooooooooooooooooooooooooooooooong, %d",
		), "%d", strconv.Itoa(w.sent)))
	case n < 30:
		p.Runs(setValue("message", w.oneOf("", "draft", "dra")))
	case n < 45:
		p.Runs(fmt.Sprintf(`(l => { if (l) l.scrollTop = -%d; return true })(document.querySelector(".log"))`,
			w.IntN(2000)))
	case n < 60:
		if w.IntN(2) == 0 {
			p.HidesPage()
		} else {
			p.ShowsPage()
		}
	case n < 70:
		p.Runs(setValue("filter", w.oneOf("", "hello", "a")))
	case n < 78:
		p.Runs(`(s => { if (s) { s.click() } return true })(document.querySelector(".menu summary"))`)
	case n < 83:
		p.Opens(w.oneOf("/conversations", "/people", "/account",
			w.conversation, w.conversation, w.conversation+"#latest"))
	case n < 86: // a link changes the pane only
		p.Runs(fmt.Sprintf(`(a => { if (a) a.click(); return true })(document.querySelector("a[href^='%s']"))`,
			w.oneOf("/conversations", "/people", "/account", w.conversation, w.conversation)))
	case n < 90:
		if p.Is("navigation.canGoBack") {
			p.GoesBack()
		}
	case n < 94:
		p.Reloads()
	default:
		p.Runs(`(e => { if (e) e.focus(); return true })(document.querySelector("#message, #filter"))`)
	}
}

func (w *randomWalk) oneOf(list ...string) string { return list[w.IntN(len(list))] }

// setValue is the script that enters a value in a field, if the page has it.
func setValue(id, value string) string {
	return fmt.Sprintf(`(e => {
		if (!e) return false
		e.value = %q
		e.dispatchEvent(new Event("input", {bubbles: true}))
		return true
	})(document.getElementById(%q))`, value, id)
}

// compareWithReload has both people open their conversation, waits until all messages are
// stored and read, and compares both pages with themselves after a reload.
func compareWithReload(t *testing.T, people []*browser.Person, conversation string) {
	t.Helper()
	for _, p := range people {
		if p.Path() != conversation || p.Is("!!location.search") {
			p.Opens(conversation)
		}

		p.ShowsPage()
		p.Runs(setValue("filter", ""))
		p.Runs(setValue("message", ""))
		p.Runs(`document.querySelector(".log").scrollTop = 0, dispatchEvent(new Event("focus")),
			document.querySelectorAll(".menu[open]").forEach(m => { m.open = false }), true`)
		p.IsLive()
	}

	total := 0
	for _, p := range people {
		wait.Until(t, p.Name+" has all messages, stored and read", func() bool {
			total = len(storedIDs(t, conversation))
			return len(p.MessageIDs()) == total && p.AllStored() &&
				p.Is(`!document.querySelector(".writing")`) &&
				p.Is(`![...document.querySelectorAll(".message.mine .receipt")].some(r => r.dataset.state !== "read")`)
		})
	}

	for _, p := range people {
		live := stableDOM(t, p)
		p.Reloads()
		p.IsLive()
		wait.Until(t, "the page has all messages again", func() bool { return len(p.MessageIDs()) == total })
		reloaded := stableDOM(t, p)
		ignoreNewLine(live, reloaded)
		if !slices.Equal(live, reloaded) {
			t.Errorf("%s, %d messages: %s", p.Name, total, firstDifference(live, reloaded))
		}
	}
}

// stableDOM is what the page shows after it has not changed for two seconds.
func stableDOM(t *testing.T, p *browser.Person) (visible []string) {
	t.Helper()
	since := time.Now()
	wait.Until(t, "the page of "+p.Name+" does not change", func() bool {
		now := p.Texts(visibleDOM)
		if !slices.Equal(now, visible) {
			visible, since = now, time.Now()
		}
		return time.Since(since) > 2*time.Second
	})
	return visible
}

// ignoreNewLine removes the traces of the line of new messages, which a reload removes, from
// the row after it.
func ignoreNewLine(live, reloaded []string) {
	for i := range min(len(live), len(reloaded)) {
		if !strings.HasPrefix(live[i], afterNew) && !strings.HasPrefix(reloaded[i], afterNew) {
			continue
		}
		for _, lines := range [][]string{live, reloaded} {
			lines[i] = strings.Replace(strings.TrimPrefix(lines[i], afterNew), ` more"`, `"`, 1)
		}
	}
}

// firstDifference shows the first line that differs.
func firstDifference(live, reloaded []string) string {
	line := func(lines []string, i int) string {
		if i < len(lines) {
			return lines[i]
		}
		return "(nothing)"
	}
	for i := range max(len(live), len(reloaded)) {
		if l, r := line(live, i), line(reloaded, i); l != r {
			return fmt.Sprintf("line %d: live\n%s\nafter a reload\n%s", i, l, r)
		}
	}
	return "no difference"
}
