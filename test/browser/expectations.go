package browser

import (
	"strconv"
	"strings"

	"parley/test/wait"
)

// Showing is the condition that the page has an element for a CSS selector.
func (p *Person) Showing(selector string) func() bool {
	return func() bool { return p.Shows(selector) }
}

// Reading is the condition that the page has words.
func (p *Person) Reading(words string) func() bool {
	return func() bool { return strings.Contains(p.Page(), words) }
}

// Eventually waits until an expression has a value, and reports the last value if it never has.
func (p *Person) Eventually(what, expression, want string) {
	p.t.Helper()
	last := ""
	defer func() {
		if p.t.Failed() {
			p.t.Logf("%s, %s: last %q, want %q", p.Name, what, last, want)
		}
	}()
	wait.Until(p.t, p.Name+": "+what, func() bool {
		last = p.Text(expression)
		return last == want
	})
}

// Reads waits for words on the page.
func (p *Person) Reads(words string) {
	p.t.Helper()
	wait.Until(p.t, p.Name+" reads "+strconv.Quote(words), p.Reading(words))
}

// ReadsIn waits until an element has exactly these words.
func (p *Person) ReadsIn(selector, words string) {
	p.t.Helper()
	what := p.Name + " reads " + strconv.Quote(words) + " in " + selector
	wait.Until(p.t, what, func() bool { return p.TextOf(selector) == words })
}

// SeesTitle waits until the page has a title.
func (p *Person) SeesTitle(want string) {
	p.t.Helper()
	p.Eventually("the title", "document.title", want)
}

// IsLive waits until the page reports that its event stream is open.
func (p *Person) IsLive() {
	p.t.Helper()
	const live = `document.querySelector(".connection:not([data-live])")?.textContent.trim() === "Live"`
	wait.Until(p.t, p.Name+" is live", func() bool { return p.Is(live) })
}
