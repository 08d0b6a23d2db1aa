package browser

import (
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"parley/test/wait"
)

// shift is the modifier bit of the Shift key (Input.dispatchKeyEvent).
const shift = 8

// presses sends the two events of a key. The text is in the first one, and the page may prevent it.
func (p *Person) presses(key string, code int64, text string, modifiers int64) {
	p.t.Helper()
	event := func(kind input.DispatchKeyEventType, text string) Step {
		return Call(input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type:                  kind,
			Key:                   key,
			Code:                  key,
			Text:                  text,
			WindowsVirtualKeyCode: code,
			Modifiers:             modifiers,
		})
	}
	p.Does("press "+key, event(input.DispatchKeyEventTypeKeyDown, text), event(input.DispatchKeyEventTypeKeyUp, ""))
}

// PressesEnter presses Enter.
func (p *Person) PressesEnter() {
	p.t.Helper()
	p.presses("Enter", 13, "\r", 0)
}

// PressesArrowUp presses the arrow up.
func (p *Person) PressesArrowUp() {
	p.t.Helper()
	p.presses("ArrowUp", 38, "", 0)
}

// namedKeys are the key codes of keys that write nothing.
var namedKeys = map[string]int64{"Escape": 27, "Tab": 9, "ArrowUp": 38, "ArrowDown": 40, "ArrowLeft": 37, "ArrowRight": 39}

// Presses presses a key by the name that scripts get, such as "x" or "Escape", with Ctrl or Alt
// before it, as in "Ctrl+K" and "Alt+ArrowDown".
func (p *Person) Presses(key string) {
	p.t.Helper()
	var modifiers int64
	if rest, ok := strings.CutPrefix(key, "Alt+"); ok {
		key, modifiers = rest, 1
	}
	if rest, ok := strings.CutPrefix(key, "Ctrl+"); ok {
		key, modifiers = strings.ToLower(rest), 2
	}

	code, named := namedKeys[key]
	text := key
	if named || modifiers != 0 {
		text = ""
	}
	if !named {
		code = int64(strings.ToUpper(key)[0])
	}
	p.presses(key, code, text, modifiers)
}

// PressesShiftEnter presses Enter together with Shift.
func (p *Person) PressesShiftEnter() {
	p.t.Helper()
	p.presses("Enter", 13, "\r", shift)
}

// Inserts inserts text where the focus is.
func (p *Person) Inserts(text string) {
	p.t.Helper()
	p.Does("insert "+strconv.Quote(text), insertText(text))
}

// TypesInto puts the focus on an element and inserts text.
func (p *Person) TypesInto(selector, text string) {
	p.t.Helper()
	p.Does("type "+strconv.Quote(text), chromedp.Focus(selector), insertText(text))
}

func insertText(text string) Step {
	return Call(input.InsertText, input.InsertTextParams{Text: text})
}

// Fills waits for a field and types text key by key.
func (p *Person) Fills(selector, text string) {
	p.t.Helper()
	p.Does("fill in "+strconv.Quote(text), chromedp.WaitVisible(selector), chromedp.SendKeys(selector, text))
}

// focusedName is the accessible name of the focused element, as far as labels, text and aria-label
// give one.
const focusedName = `(e => {
	if (!e || e === document.body) return ""
	const words = e.cloneNode(true)
	words.querySelectorAll("[aria-hidden]").forEach(hidden => hidden.remove())
	return (e.getAttribute("aria-label") ?? e.labels?.[0]?.textContent ?? words.textContent).replace(/\s+/g, " ").trim()
})(document.activeElement)`

// focusVisible is whether the focus can be seen: an outline around the element or its parent,
// within the window.
const focusVisible = `(e => {
	const r = e.getBoundingClientRect(), outlined = e => getComputedStyle(e).outlineStyle !== "none"
	return (outlined(e) || outlined(e.parentNode)) && r.bottom > 0 && r.top < innerHeight
})(document.activeElement)`

// FocusedName is the accessible name of the element with the focus, or "".
func (p *Person) FocusedName() string { return p.Text(focusedName) }

// TabsTo presses Tab until the focus is on an element whose accessible name begins with name. The
// focus must be visible there.
func (p *Person) TabsTo(name string) {
	p.t.Helper()
	for range 80 {
		p.presses("Tab", 9, "", 0)
		if !strings.HasPrefix(p.FocusedName(), name) {
			continue
		}
		if !p.Is(focusVisible) {
			p.t.Errorf("%s has the focus on %q, but it is not visible", p.Name, name)
		}
		return
	}
	p.t.Fatalf("%s did not reach %q by Tab\n%s", p.Name, name, p.Page())
}

// Chooses tabs to a link or a button, presses Enter, and waits until a condition holds.
func (p *Person) Chooses(name string, until func() bool) {
	p.t.Helper()
	p.TabsTo(name)
	p.PressesEnter()
	wait.Until(p.t, p.Name+" chose "+strconv.Quote(name), until)
}
