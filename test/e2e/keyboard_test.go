package e2e

import (
	"context"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"parley/test/wait"
)

const shift = 8

// hits a key, as a keyboard does.
func (p *person) hits(key string, code int64, text string, modifiers int64) {
	p.t.Helper()
	press := func(kind input.DispatchKeyEventType, text string) chromedp.Action[chromedp.Void] {
		return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{
				Type: kind, Key: key, Code: key, Text: text, WindowsVirtualKeyCode: code, Modifiers: modifiers,
			})
			return err
		})
	}
	p.does("hit "+key, press(input.DispatchKeyEventTypeKeyDown, text), press(input.DispatchKeyEventTypeKeyUp, ""))
}

// presses Enter: one event with its text, which the page may prevent.
func (p *person) presses(modifiers int64) {
	p.t.Helper()
	p.hits("Enter", 13, "\r", modifiers)
}

// focused is the accessible name of what has the focus, as far as labels, words and aria-label give one, and its role.
const focused = `(e => {
	if (!e || e === document.body) return ""
	const words = e.cloneNode(true)
	words.querySelectorAll("[aria-hidden]").forEach(hidden => hidden.remove())
	return (e.getAttribute("aria-label") ?? e.labels?.[0]?.textContent ?? words.textContent).replace(/\s+/g, " ").trim()
})(document.activeElement)`

// marked tells whether the focus is seen: by an outline around the element or the field that it stands in, in sight.
const marked = `(e => {
	const r = e.getBoundingClientRect(), outlined = e => getComputedStyle(e).outlineStyle !== "none"
	return (outlined(e) || outlined(e.parentNode)) && r.bottom > 0 && r.top < innerHeight
})(document.activeElement)`

// goesTo moves the focus by Tab alone until it is on what has a name that begins so; it must be seen to be there.
func (p *person) goesTo(name string) {
	p.t.Helper()
	for range 80 {
		p.hits("Tab", 9, "", 0)
		if !strings.HasPrefix(evaluate[string](p, focused), name) {
			continue
		}
		if !evaluate[bool](p, marked) {
			p.t.Errorf("%s has the focus on %q, and doesn't see it", p.name, name)
		}
		return
	}
	p.t.Fatalf("%s never comes to %q by Tab\n%s", p.name, name, p.page())
}

// chooses goes to a link or a button, and hits Enter until it worked.
func (p *person) chooses(name string, worked func() bool) {
	p.t.Helper()
	p.goesTo(name)
	p.presses(0)
	wait.Until(p.t, p.name+" chose "+strconv.Quote(name), worked)
}

// enters text where the focus is.
func (p *person) enters(text string) {
	p.t.Helper()
	p.does("enter "+text, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}
