package browser

import (
	"context"
	"time"

	"github.com/chromedp/chromedp"

	"parley/test/openid"
	"parley/test/wait"
)

// SignsIn signs in by the development sign-in.
func (p *Person) SignsIn() *Person {
	p.t.Helper()
	p.Does("open the front page", chromedp.Navigate(p.Base+"/"), chromedp.SendKeys("#name", p.Name))
	p.Clicks(".sign-in button", p.Showing("body.shell"))
	return p
}

// ContinuesWith signs in with an OpenID provider, which knows the person as user, and waits until a
// condition holds.
func (p *Person) ContinuesWith(op *openid.Provider, user openid.User, until func() bool) {
	p.t.Helper()
	op.QueueUser(user)
	p.Clicks(`//a[normalize-space()="Continue with `+openid.Name+`"]`, until)
}

// ConfirmsName enters the person's name on the page after the first sign-in.
func (p *Person) ConfirmsName() {
	p.t.Helper()
	p.Does("enter a name", chromedp.SetValue("#name", p.Name))
	p.Clicks(`//button[normalize-space()="Continue"]`, p.Showing("body.shell"))
}

// SignsOut signs out on the account page.
func (p *Person) SignsOut() {
	p.t.Helper()
	p.Does("open the account", chromedp.Navigate(p.Base+"/account"), chromedp.WaitVisible("main h1"))
	p.Clicks(`//main//button[normalize-space()="Sign out"]`, p.Showing(".pitch"))
}

// Opens opens a path.
func (p *Person) Opens(path string) {
	p.t.Helper()
	p.Does("open "+path, chromedp.Navigate(p.Base+path), chromedp.WaitReady("body"))
}

// Reloads reloads the page.
func (p *Person) Reloads() {
	p.t.Helper()
	p.Does("reload", chromedp.Reload(), chromedp.WaitReady("body"))
}

// GoesBack opens the page or the pane before this one in the history.
func (p *Person) GoesBack() {
	p.t.Helper()
	p.traverses("history.back()")
}

// GoesForward opens the page or the pane after this one in the history.
func (p *Person) GoesForward() {
	p.t.Helper()
	p.traverses("history.forward()")
}

// traverses moves in the history, and waits until the entry is another one. chromedp's own steps
// wait for a page to load, which a pane doesn't.
func (p *Person) traverses(step string) {
	p.t.Helper()
	const entry = `navigation.currentEntry?.key ?? ""`
	before := p.Text(entry)
	p.Runs(step + ", true")
	wait.Until(p.t, p.Name+" is at another entry after "+step, func() bool {
		key := p.Text(entry)
		return key != "" && key != before
	})
	p.Does("wait for the page", chromedp.WaitReady("body"))
}

// Clicks clicks an element, given by a CSS selector or an XPath, until a condition holds. It
// clicks up to four times, because a browser drops clicks on a page that is not painted yet.
func (p *Person) Clicks(selector string, until func() bool) {
	p.t.Helper()
	for range 4 {
		ctx, cancel := context.WithTimeout(p.window, 5*time.Second)
		err := chromedp.Do(ctx, chromedp.Click(selector))
		cancel()

		for end := time.Now().Add(5 * time.Second); time.Now().Before(end); <-time.After(20 * time.Millisecond) {
			if until() {
				return
			}
			if err != nil {
				break // the element was not found: search again
			}
		}
	}

	p.t.Fatalf("%s clicked %s without effect\n%s", p.Name, selector, p.Page())
}
