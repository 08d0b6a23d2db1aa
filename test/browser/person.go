package browser

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Person is a person in a window with cookies of its own. A step that fails ends the test, with
// the text of the page. A Person belongs to one goroutine at a time.
type Person struct {
	// Name is the name that the person signs in under.
	Name string
	// Base is the address of the replica or the balancer that the person uses, such as
	// http://127.0.0.1:8000. It may be changed before the person opens the next page.
	Base string

	t      testing.TB
	window context.Context
}

// stepTimeout bounds the steps of one call of Does.
const stepTimeout = 30 * time.Second

// NewPerson opens a window of a started browser for a person who is not signed in. An exception
// in a script of the page fails the test.
func NewPerson(t testing.TB, browser context.Context, name, base string) *Person {
	t.Helper()
	p := &Person{Name: name, Base: base, t: t, window: PrivateWindow(t, browser)}

	// The windows of all people have the focus, as if each had a screen of its own.
	focus := Call(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	p.Does("open a window", chromedp.EmulateViewport(1100, 800), focus)

	p.Listens(func(event any) {
		if e, ok := event.(*runtime.EventExceptionThrown); ok {
			t.Errorf("%s's page: %s", name, exception(e.ExceptionDetails))
		}
	})
	return p
}

func exception(e *runtime.ExceptionDetails) string {
	text := fmt.Sprintf("%s at %s:%d", e.Text, e.URL, e.LineNumber+1)
	if e.Exception != nil {
		text += fmt.Sprintf(": %s %s", e.Exception.Type, e.Exception.Description)
	}
	return text
}

// OpensAnotherTab opens a path in one more tab of the same browser, with the same session.
func (p *Person) OpensAnotherTab(path string) *Person {
	p.t.Helper()
	other := *p
	other.Name, other.window = p.Name+" (another tab)", Window(p.t, p.window)
	other.Opens(path)
	return &other
}

// Listens calls a function with each event of the DevTools protocol in the window.
func (p *Person) Listens(event func(any)) {
	p.t.Helper()
	if err := chromedp.Listen(p.window, event); err != nil {
		p.t.Fatal(err)
	}
}

// Window is the context of the person's window, for steps of a test's own.
func (p *Person) Window() context.Context { return p.window }

// Does runs steps in the window; what names them in the failure.
func (p *Person) Does(what string, steps ...Step) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.window, stepTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s could not %s: %v\n%s", p.Name, what, err, p.Page())
	}
}
