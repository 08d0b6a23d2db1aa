// Package browser has people in Chromium windows, for the tests and tools that look at pages. Its
// methods read as sentences: ada.Opens(conversation), bob.Sends("hi"), ada.Sees("hi").
package browser

import (
	"context"
	"fmt"
	"os/exec"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"parley/test/services"
)

// Step is something that happens in a window.
type Step = chromedp.Action[chromedp.Void]

// Start starts Chromium and returns the context of its first window, in which NewPerson and
// Window open others, and a function that ends the browser. It runs as root, too, and sends no
// requests of its own.
func Start(ctx context.Context, options ...chromedp.ExecAllocatorOption) (context.Context, func(), error) {
	options = append(append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true),
	), options...)

	allocator, stopAllocator := chromedp.NewExecAllocator(ctx, options...)
	window, closeWindow := chromedp.NewContext(allocator)
	stop := func() { closeWindow(); stopAllocator() }
	if err := chromedp.Do(window); err != nil {
		stop()
		return nil, nil, fmt.Errorf("chromium: %w", err)
	}
	return window, stop, nil
}

// Shell makes Start use Chromium without the surface of a window, if it is installed. A window then
// takes a sixth of the processor time, and shows the same pages.
func Shell() chromedp.ExecAllocatorOption {
	path, err := exec.LookPath(services.HeadlessShell)
	if err != nil {
		return func(*chromedp.ExecAllocator) {}
	}
	return chromedp.ExecPath(path)
}

// Window opens a window until the test ends. Options say whether it shares the cookies of parent.
func Window(t testing.TB, parent context.Context, options ...chromedp.ContextOption) context.Context {
	t.Helper()
	window, closeWindow := chromedp.NewContext(parent, options...)
	t.Cleanup(closeWindow)
	if err := chromedp.Do(window); err != nil { // the window lives as long as the context of its first step
		t.Fatal(err)
	}
	return window
}

// PrivateWindow opens a window with cookies of its own until the test ends.
func PrivateWindow(t testing.TB, parent context.Context) context.Context {
	t.Helper()
	return Window(t, parent, chromedp.WithNewBrowserContext())
}

// Call is the step that sends a command of the DevTools protocol and ignores its result.
func Call[P, R any](command cdp.Command[P, R], params P) Step {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, command, params)
		return err
	})
}
