package browser

import (
	"context"
	"strconv"
	"time"

	"github.com/chromedp/chromedp"
)

// evaluateTimeout bounds the evaluation of one expression.
const evaluateTimeout = 10 * time.Second

// Evaluate returns the value of a JavaScript expression in the person's page. It returns the zero
// value for an exception, or while the page is replaced by the next one, so a test waits for
// another value.
func Evaluate[T any](p *Person, expression string, options ...chromedp.EvaluateOption) T {
	ctx, cancel := context.WithTimeout(p.window, evaluateTimeout)
	defer cancel()
	v, _ := chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
	return v
}

// Await returns the value of a promise, and is Evaluate in all else.
func Await[T any](p *Person, expression string) T {
	return Evaluate[T](p, expression, chromedp.EvalAwaitPromise)
}

// Text evaluates an expression for a string.
func (p *Person) Text(expression string) string { return Evaluate[string](p, expression) }

// Texts evaluates an expression for a list of strings.
func (p *Person) Texts(expression string) []string { return Evaluate[[]string](p, expression) }

// Number evaluates an expression for a number.
func (p *Person) Number(expression string) float64 { return Evaluate[float64](p, expression) }

// Is evaluates an expression for a boolean.
func (p *Person) Is(expression string) bool { return Evaluate[bool](p, expression) }

// Runs evaluates an expression for its effect.
func (p *Person) Runs(expression string) { Evaluate[bool](p, expression) }

// Page is the address and the visible text of the page.
func (p *Person) Page() string {
	return p.Text(`document.location + "\n" + (document.body ? document.body.innerText : "")`)
}

// Path is the path of the page's address.
func (p *Person) Path() string { return p.Text("location.pathname") }

// Shows reports whether the page has an element for a CSS selector.
func (p *Person) Shows(selector string) bool {
	return p.Is("!!document.querySelector(" + strconv.Quote(selector) + ")")
}

// TextOf is the visible text of the first element for a CSS selector, or "".
func (p *Person) TextOf(selector string) string {
	return p.Text("document.querySelector(" + strconv.Quote(selector) + `)?.innerText.trim() ?? ""`)
}

// ValueOf is the value of the form field with an id.
func (p *Person) ValueOf(id string) string {
	return p.Text("document.getElementById(" + strconv.Quote(id) + ").value")
}

// Width is the width in CSS pixels that the page needs.
func (p *Person) Width() float64 { return p.Number("document.documentElement.scrollWidth") }
