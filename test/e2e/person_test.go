package e2e

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"parley/test/wait"
)

// person is somebody with a browser of their own: cookies and all.
type person struct {
	t    testing.TB
	name string
	tab  context.Context
	at   *replica
}

// opensBrowser gives a person a window on a replica.
func opensBrowser(t testing.TB, name string, at *replica) *person {
	t.Helper()
	tab, closeTab := chromedp.NewContext(world.browser, chromedp.WithNewBrowserContext())
	p := &person{t: t, name: name, tab: tab, at: at}
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil { // the window lives as long as the context of its first step
		t.Fatal(err)
	}
	p.does("open a window", chromedp.EmulateViewport(1100, 800), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		// Everybody looks at a screen of their own.
		_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}))
	err := chromedp.Listen(tab, func(ev any) {
		if e, ok := ev.(*runtime.EventExceptionThrown); ok {
			t.Errorf("%s's page: %s", name, exception(e.ExceptionDetails))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func exception(e *runtime.ExceptionDetails) string {
	said := fmt.Sprintf("%s at %s:%d", e.Text, e.URL, e.LineNumber+1)
	if e.Exception != nil {
		said += fmt.Sprintf(": %s %s", e.Exception.Type, e.Exception.Description)
	}
	return said
}

// does runs steps in the browser; none of them takes longer than a patient person waits.
func (p *person) does(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.tab, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s could not %s: %v\n%s", p.name, what, err, p.page())
	}
}

// evaluate asks the page; a page that is just being replaced answers nothing.
func evaluate[T any](p *person, expression string) T {
	ctx, cancel := context.WithTimeout(p.tab, 10*time.Second)
	defer cancel()
	v, _ := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	return v
}

// page is the text that the person sees, for failures.
func (p *person) page() string {
	return evaluate[string](p, `document.location + "\n" + (document.body ? document.body.innerText : "")`)
}

func (p *person) signsIn() *person {
	p.t.Helper()
	p.does("open the front page", chromedp.Navigate(p.at.base+"/"), chromedp.SendKeys("#name", p.name))
	p.clicks(".sign-in button", func() bool { return p.shows("body.shell") })
	return p
}

// finds looks somebody up by name.
func (p *person) finds(other *person) {
	p.t.Helper()
	p.opens("/people")
	p.does("type a name", chromedp.SendKeys("#who", other.name))
	p.clicks(`//form[@aria-label="People"]//button`, func() bool { return p.rowOf(other) != "" })
}

// rowOf is the text of somebody's row in a list, or "".
func (p *person) rowOf(other *person) string {
	return evaluate[string](p, `[...document.querySelectorAll("main li")].find(e => e.querySelector("b")?.textContent === `+strconv.Quote(other.name)+`)?.innerText ?? ""`)
}

// presses a button in somebody's row.
func (p *person) pressesIn(other *person, button string, worked func() bool) {
	p.t.Helper()
	p.clicks(`//main//li[.//b[.="`+other.name+`"]]//button[normalize-space()="`+button+`"]`, worked)
}

// befriends goes by way of the search; the friend accepts on the page of requests. Who is a friend already is left alone.
func (p *person) befriends(friend *person) {
	p.t.Helper()
	p.finds(friend)
	if strings.Contains(p.rowOf(friend), "Friends since") {
		return
	}
	p.pressesIn(friend, "Add friend", func() bool { return strings.Contains(p.rowOf(friend), "Requested") })
	friend.opens("/requests")
	friend.pressesIn(p, "Accept", func() bool { return strings.Contains(friend.rowOf(p), "Accepted") })
}

// opensConversationWith befriends somebody, goes by way of the friends' page, and tells the conversation's path.
func (p *person) opensConversationWith(friend *person) string {
	p.t.Helper()
	p.befriends(friend)
	p.opens("/friends")
	p.pressesIn(friend, "Write", func() bool { return p.shows("#message") })
	return evaluate[string](p, "location.pathname")
}

// signsOut leaves by the account page.
func (p *person) signsOut() {
	p.t.Helper()
	p.does("open the account", chromedp.Navigate(p.at.base+"/account"), chromedp.WaitVisible("main h1"))
	p.clicks(`//main//button[normalize-space()="Sign out"]`, func() bool { return p.shows(".pitch") })
}

// clicks until it has worked, as people do: a browser drops clicks on a page that it hasn't painted yet.
func (p *person) clicks(selector string, worked func() bool) {
	p.t.Helper()
	for range 4 {
		ctx, cancel := context.WithTimeout(p.tab, 5*time.Second)
		err := chromedp.Do(ctx, chromedp.Click(selector))
		cancel()
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end); <-time.After(20 * time.Millisecond) {
			if worked() {
				return
			}
			if err != nil {
				break // it wasn't there to be clicked: look again
			}
		}
	}
	p.t.Fatalf("%s clicked %s in vain\n%s", p.name, selector, p.page())
}

// shows tells whether the page has an element.
func (p *person) shows(selector string) bool {
	return evaluate[bool](p, "!!document.querySelector("+strconv.Quote(selector)+")")
}

// opens goes to a path of the replica.
func (p *person) opens(path string) {
	p.t.Helper()
	p.does("open "+path, chromedp.Navigate(p.at.base+path), chromedp.WaitReady("body"))
}

func (p *person) reloads() {
	p.t.Helper()
	p.does("reload", chromedp.Reload(), chromedp.WaitReady("body"))
}

// isLive waits for the word at the top of the list.
func (p *person) isLive() {
	p.t.Helper()
	wait.Until(p.t, p.name+"'s page is live", func() bool {
		return evaluate[string](p, `document.querySelector(".connection")?.innerText ?? ""`) == "Live"
	})
}

func (p *person) types(text string) {
	p.t.Helper()
	p.does("type", typesInto("#message", text))
}

func typesInto(selector, text string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if err := chromedp.Do(ctx, chromedp.Focus(selector)); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	})
}

func (p *person) sends(text string) {
	p.t.Helper()
	p.types(text)
	p.presses(0)
}

// sees waits for a message whose text is exactly that, once.
func (p *person) sees(text string) {
	p.t.Helper()
	wait.Until(p.t, p.name+" sees "+text, func() bool { return p.count(text) > 0 })
	if n := p.count(text); n != 1 {
		p.t.Fatalf("%s sees %q %d times", p.name, text, n)
	}
}

func (p *person) count(text string) (n int) {
	for _, seen := range p.messages() {
		if seen == text {
			n++
		}
	}
	return n
}

// messages are the texts of the open conversation, top to bottom.
func (p *person) messages() []string {
	return evaluate[[]string](p, `[...document.querySelectorAll("#messages > .message > p")].map(e => e.textContent)`)
}

// ids are the messages' ids, top to bottom.
func (p *person) ids() []string {
	ids := evaluate[[]string](p, `[...document.querySelectorAll("#messages > .message")].map(e => e.id)`)
	for i := range ids {
		ids[i] = strings.TrimPrefix(ids[i], "message-")
	}
	return ids
}

// receipt waits for the word under one's last message.
func (p *person) readsReceipt(word string) {
	p.t.Helper()
	wait.Until(p.t, p.name+" reads "+word, func() bool {
		return evaluate[string](p, `[...document.querySelectorAll("#messages > .mine > .receipt")].at(-1)?.innerText.trim() ?? ""`) == word
	})
}

// allStored tells whether every row has its number, in order and without a gap.
func (p *person) allStored() bool {
	return evaluate[bool](p, `(() => { const s = [...document.querySelectorAll("#messages > .message")].map(e => +(e.dataset.seq ?? NaN)); return s.every((n, i) => n === s[0] + i) })()`)
}

// turnsScriptsOff before the next page.
func (p *person) turnsScriptsOff() {
	p.t.Helper()
	p.does("turn JavaScript off", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// evaluateLater asks the page for a promise's value.
func evaluateLater[T any](p *person, expression string) T {
	ctx, cancel := context.WithTimeout(p.tab, 10*time.Second)
	defer cancel()
	v, _ := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	return v
}
