package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/jackc/pgx/v5"

	"parley/test/wait"
)

// saidBefore puts messages into a conversation as if they had been said long ago; both have read the first of them.
func saidBefore(t *testing.T, talk string, n, read int) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, world.set.Postgres.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, `INSERT INTO messages (conversation_id, seq, id, sender_id, client_id, body, sent_at)
		SELECT m.conversation_id, i, gen_random_uuid(), m.user_id, gen_random_uuid(), 'said ' || i, now() - ($2 - i) * interval '5 minutes' - interval '1 day'
		FROM generate_series(1, $2::int) i JOIN LATERAL (SELECT * FROM members WHERE conversation_id = $1 ORDER BY user_id OFFSET i % 2 LIMIT 1) m ON true`,
		strings.TrimPrefix(talk, "/conversations/"), n)
	if err == nil {
		_, err = conn.Exec(ctx, "UPDATE members SET read_seq = $2 WHERE conversation_id = $1", strings.TrimPrefix(talk, "/conversations/"), read)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// anotherTab opens one more tab in the same browser.
func (p *person) anotherTab(path string) *person {
	p.t.Helper()
	tab, closeTab := chromedp.NewContext(p.tab)
	p.t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil {
		p.t.Fatal(err)
	}
	other := &person{t: p.t, name: p.name + " (another tab)", tab: tab, at: p.at}
	other.opens(path)
	return other
}

// hides or shows the page, as a browser does with a tab that another one covers.
func (p *person) hides(hidden bool) {
	p.t.Helper()
	evaluate[bool](p, fmt.Sprintf(`(() => {
		Object.defineProperty(document, "hidden", {configurable: true, get: () => %v})
		document.hasFocus = () => %v
		document.dispatchEvent(new Event("visibilitychange"))
		return true
	})()`, hidden, !hidden))
}

func (p *person) eventuallySays(what, expression, want string) {
	p.t.Helper()
	last := ""
	defer func() {
		if p.t.Failed() {
			p.t.Logf("%s: last %q, want %q", what, last, want)
		}
	}()
	wait.Until(p.t, what, func() bool {
		last = evaluate[string](p, expression)
		return last == want
	})
}

const heads = `document.querySelector(".earlier").innerText.replace(/\s+/g, " ").trim()`

func TestTalkGrowsBackwardsInPlace(t *testing.T) {
	t.Parallel()
	ada, bob, talk := adaAndBob(t)
	saidBefore(t, talk, 180, 100)
	ada.opens(talk)
	ada.isLive()
	ada.eventuallySays("the newest 50", heads, "Earlier messages Messages 131–180 of 180, none missing")
	for _, want := range []string{"Earlier messages Messages 81–180 of 180, none missing", "Earlier messages Messages 31–180 of 180, none missing"} {
		// In one go: scroll up, and note where a row stands before anything can have come.
		before := evaluate[[]any](ada, `(() => {
			const log = document.querySelector(".log"), p = document.querySelector("#messages .message > p")
			log.scrollTop = -log.scrollHeight
			window.busy = []
			new MutationObserver(all => window.busy.push(log.ariaBusy ?? "idle: " + all.map(m => m.target.outerHTML.slice(0, 200)).join(" | "))).observe(log, {childList: true, subtree: true})
			return [p.parentNode.id, p.getBoundingClientRect().y]
		})()`)
		ada.eventuallySays("50 more", heads, want)
		after := evaluate[float64](ada, fmt.Sprintf(`document.querySelector("#%s > p").getBoundingClientRect().y`, before[0]))
		if moved := after - before[1].(float64); moved > 1 || moved < -1 {
			t.Errorf("what was in sight moved by %v px", moved)
		}
		if busy := evaluate[string](ada, `[...new Set(window.busy)].join()`); busy != "true" {
			t.Errorf("earlier messages were announced as if they were new: %s", busy)
		}
	}
	evaluate[bool](ada, `document.querySelector(".log").scrollTop = -1e6, true`)
	wait.Until(t, "the beginning", func() bool {
		return strings.HasPrefix(evaluate[string](ada, heads), "This is where it began") && len(ada.ids()) == 180
	})
	if !ada.allStored() || !slices.Equal(ada.ids(), storedOrder(t, talk)) {
		t.Error("the rows aren't the conversation")
	}
	// The line is before the first unread message of the other, which wasn't on the first page; it stays there.
	first := evaluate[string](ada, `(() => {
		const news = document.querySelectorAll(".new"), after = news[0]?.nextElementSibling
		return news.length + " before " + (after.matches(".message:not(.mine)") ? after.dataset.seq : after.className)
	})()`)
	if first != "1 before 101" && first != "1 before 102" {
		t.Errorf("lines of new messages: %s", first)
	}
	if n := evaluate[float64](ada, `document.querySelectorAll(".day").length - new Set([...document.querySelectorAll(".day time")].map(e => e.dateTime)).size`); n != 0 {
		t.Errorf("%v days are named twice", n)
	}
	// It is still live, and what comes doesn't move what is in sight.
	const inSight = `(() => {
		const {y} = document.querySelector(".log").getBoundingClientRect()
		window.watched ??= [...document.querySelectorAll(".message > p")].find(e => e.getBoundingClientRect().y > y)
		return window.watched.getBoundingClientRect().y
	})()`
	top := evaluate[float64](ada, inSight)
	bob.sends("one")
	bob.sends("two")
	ada.sees("two")
	ada.eventuallySays("the count below", `document.querySelector(".jump").innerText.trim()`, "Latest messages · 2 new")
	if now := evaluate[float64](ada, inSight); now-top > 1 || top-now > 1 {
		t.Errorf("news moved what was in sight by %v px", now-top)
	}
	wait.Until(t, "all is stored", bob.allStored)
	bob.readsReceipt("Delivered")
	ada.clicks(".jump a", func() bool { return evaluate[bool](ada, `!document.querySelector("[data-away]")`) })
	bob.readsReceipt("Read") // only now
	ada.eventuallySays("nothing below", `document.querySelector(".jump a").textContent.trim()`, "Latest messages")
}

func TestTalkPermalink(t *testing.T) {
	t.Parallel()
	ada, bob, talk := adaAndBob(t)
	saidBefore(t, talk, 200, 200)
	for _, scripts := range []bool{true, false} {
		if !scripts {
			ada.turnsScriptsOff()
		}
		ada.opens(talk + "?at=60")
		wait.Until(t, "the message is shown and has the focus", func() bool {
			return evaluate[bool](ada, `(() => {
				const row = document.querySelector(".message.at"), log = document.querySelector(".log").getBoundingClientRect(), {top, bottom} = row.getBoundingClientRect()
				return row.dataset.seq === "60" && document.activeElement === row && top >= log.top && bottom <= log.bottom
			})()`)
		})
	}
	bob.opens(talk + "?at=60")
	bob.isLive()
	ada2 := ada.anotherTab(talk)
	ada2.isLive()
	ada2.sends("while Bob reads old messages")
	bob.eventuallySays("what came", `document.querySelector(".jump").innerText.trim()`, "Latest messages · 1 new")
	if bob.count("while Bob reads old messages") != 0 {
		t.Error("a message from beyond what is loaded is shown")
	}
	for range 3 { // down to where it is live
		n := len(bob.ids())
		evaluate[bool](bob, `document.querySelector(".log").scrollTop = 0, true`)
		wait.Until(t, "more", func() bool { return len(bob.ids()) > n || bob.shows("#messages") && !bob.shows(".later") })
	}
	bob.sees("while Bob reads old messages")
	ada2.sends("and now he is here")
	bob.sees("and now he is here")
	bob.sends("Yes")
	ada2.sees("Yes")
	wait.Until(t, "all is stored, without a gap", bob.allStored)
	// A row that came live leads to its own page, once it has its number.
	wait.Until(t, "the time is a link", func() bool {
		return evaluate[string](bob, `[...document.querySelectorAll(".message.mine > a")].at(-1).getAttribute("href") ?? ""`) == talk+"?at=203"
	})
}

func TestTalkCheckBringsBackWhatIsMissing(t *testing.T) {
	t.Parallel()
	ada, _, talk := adaAndBob(t)
	saidBefore(t, talk, 30, 30)
	ada.opens(talk)
	ada.isLive()
	evaluate[bool](ada, `document.querySelectorAll("#messages > .message")[9].remove(), document.querySelector(".menu summary").click(), document.getElementById("check").click(), true`)
	ada.eventuallySays("the answer", `document.getElementById("check").innerText.trim()`, "1–30, none missing")
	wait.Until(t, "the row is back", func() bool { return slices.Equal(ada.ids(), storedOrder(t, talk)) })
	ada.clicks(`//a[normalize-space()="Details"]`, func() bool { return strings.Contains(ada.page(), "Conversation details") })
	ada.clicks(`//button[normalize-space()="Check that none is missing"]`, func() bool { return strings.Contains(ada.page(), "1–30, none missing") })
}

func TestTalkNewsElsewhere(t *testing.T) {
	t.Parallel()
	ada, bob, talk := adaAndBob(t)
	eve := opensBrowser(t, unique(t, "Évelyne"), ada.at).signsIn()
	eve.opensConversationWith(bob)
	eve.sends("à bientôt")
	list := bob.anotherTab("/conversations")
	list.isLive()
	const first = `document.querySelector(".conversations .name")?.textContent.trim() ?? ""`
	list.eventuallySays("Évelyne is first", first, eve.name)
	list.eventuallySays("one is unread", "document.title", "(1) Conversations · Parley")
	list.does("put the focus on a row", chromedp.Focus(`.conversation[href*="`+strings.TrimPrefix(talk, "/conversations/")+`"]`))
	bob.opens("/account")
	ada.sends("one")
	ada.sends("two")
	list.eventuallySays("Ada is first", first, ada.name)
	list.eventuallySays("and counted", `document.querySelector(".conversations .badge")?.textContent ?? ""`, "2 unread")
	list.eventuallySays("with the rest in the title", "document.title", "(3) Conversations · Parley")
	if got := evaluate[string](list, `document.querySelector("link[rel=icon]").href`); !strings.Contains(got, "favicon-unread") {
		t.Errorf("the icon is %s", got)
	}
	if got := evaluate[string](list, `document.activeElement.getAttribute("href") ?? ""`); got != talk+"#latest" {
		t.Errorf("the focus went from the row that moved to %q", got)
	}
	bob.opens(talk) // in the other tab
	list.eventuallySays("what was read there is read here", "document.title", "(1) Conversations · Parley")
	list.eventuallySays("no badge", `[...document.querySelectorAll(".conversations .badge")].map(e => e.textContent).join()`, "1 unread")

	// The filter, by keyboard.
	list.does("filter", chromedp.Focus("#filter"), chromedp.SendKeys("#filter", "BIENTOT"))
	list.eventuallySays("what was found", `[...document.querySelectorAll(".conversations mark")].map(e => e.textContent).join()`, "bientôt")
	if n := evaluate[float64](list, `document.querySelectorAll(".conversation").length`); n != 1 {
		t.Errorf("the filter leaves %v", n)
	}
	list.does("press Escape", chromedp.SendKeys("#filter", "\x1b"))
	wait.Until(t, "Escape clears it", func() bool {
		return evaluate[bool](list, `document.querySelectorAll(".conversation").length === 2 && document.getElementById("filter").value === "" && document.activeElement.id === "filter"`)
	})
}

func TestTalkTabsTellOnce(t *testing.T) {
	t.Parallel()
	ada, bob, talk := adaAndBob(t)
	other := bob.anotherTab("/conversations")
	other.isLive()
	const locks = `(async () => { const {held, pending} = await navigator.locks.query(), of = all => all.filter(l => l.name.endsWith("ui=1")).length; return of(held) + " " + of(pending) })()`
	streams := func() string {
		s, _ := chromedp.Run(bob.tab, chromedp.Evaluate[string](locks, chromedp.EvalAwaitPromise))
		return s
	}
	wait.Until(t, "one tab holds the stream, the other waits", func() bool { return streams() == "1 1" })
	tabs := []*person{bob, other}
	for _, p := range tabs {
		evaluate[bool](p, `(() => {
			localStorage["parley-notify"] = "on"
			window.notes = []
			window.Notification = class { static permission = "granted"; constructor(name, options) { window.notes.push(name + ": " + options.body + " " + options.tag) } close() {} }
			return true
		})()`)
	}
	notes := func() (all []string) {
		for _, p := range tabs {
			all = append(all, evaluate[[]string](p, "window.notes")...)
		}
		return all
	}
	ada.sends("seen")
	bob.sees("seen")
	if got := notes(); len(got) != 0 {
		t.Errorf("while a page is in sight: %q", got)
	}
	ada.readsReceipt("Read") // else it would count as new once the pages are hidden
	for _, p := range tabs {
		p.hides(true)
	}
	wait.Until(t, "no page says that it is in sight", func() bool {
		n, _ := chromedp.Run(bob.tab, chromedp.Evaluate[float64](`navigator.locks.query().then(q => q.held.filter(l => l.name.endsWith("/seen")).length)`, chromedp.EvalAwaitPromise))
		return n == 0
	})
	ada.sends("hello <b>Bob</b>")
	bob.sees("hello <b>Bob</b>")
	wait.Until(t, "a notification", func() bool { return len(notes()) > 0 })
	for _, p := range tabs {
		p.eventuallySays("the title of a hidden tab", "document.title.slice(0, 4)", "(1) ")
	}
	want := "Ada: hello <b>Bob</b> " + strings.TrimPrefix(talk, "/conversations/")
	if got := notes(); len(got) != 1 || got[0] != want {
		t.Errorf("told: %q, want once %q", got, want)
	}
	wait.Until(t, "all is stored", ada.allStored)
	ada.readsReceipt("Delivered") // nobody has looked
	bob.hides(false)
	ada.readsReceipt("Read")
	bob.eventuallySays("the title", "document.title", ada.name+" · Parley")
	other.eventuallySays("the hidden tab's title", "document.title", "Conversations · Parley")
}

func TestTalkWaitsForAConnection(t *testing.T) {
	t.Parallel()
	ada, bob, _ := adaAndBob(t)
	online := func(is bool) {
		evaluate[bool](ada, fmt.Sprintf(`Object.defineProperty(navigator, "onLine", {configurable: true, get: () => %v}), dispatchEvent(new Event(%v ? "online" : "offline"))`, is, is))
	}
	online(false)
	ada.sends("into a tunnel")
	ada.sends("and deeper")
	ada.readsReceipt("Waiting")
	const words = `[...document.querySelectorAll(".mine > .receipt")].map(e => e.innerText.trim()).join(", ")`
	ada.eventuallySays("both wait", words, "Waiting for a connection, Waiting")
	if !evaluate[bool](ada, `!dispatchEvent(new Event("beforeunload", {cancelable: true}))`) {
		t.Error("leaving would lose the words, and the browser doesn't ask")
	}
	online(true)
	bob.sees("into a tunnel")
	bob.sees("and deeper")
	ada.readsReceipt("Read")
}
