package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"parley/test/browser"
)

// violation is a rule of axe-core that a page breaks.
type violation struct {
	ID    string
	Help  string
	Nodes []struct {
		HTML           string
		FailureSummary string
	}
}

// axeRun checks a page by every rule but the experimental ones, with frames and shadow roots.
// Colours of a dialog that is still fading in have no contrast.
const axeRun = `Promise.allSettled(document.getAnimations().filter(a => a.effect.getTiming().iterations < 9).map(a => a.finished))
	.then(() => axe.run(document, {resultTypes: ["violations", "passes"]}))
	.then(r => ({violations: r.violations, passes: r.passes.length}))`

// readAxe reads the library axe-core.
func readAxe(t *testing.T) (library string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("axe-core is not installed: run `go tool task checks` (%v)", err)
	}
	return string(b)
}

// isAccessible checks the page in a window with axe-core, whose library the page has if
// axe is "".
func isAccessible(t *testing.T, window context.Context, axe string) {
	t.Helper()

	// The page's Content-Security-Policy does not bind scripts of the DevTools protocol.
	if _, err := chromedp.Run(window, chromedp.Evaluate[bool](axe+";true")); err != nil {
		t.Fatal(err)
	}

	found, err := chromedp.Run(window, chromedp.Evaluate[struct {
		Violations []violation
		Passes     int
	}](axeRun, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}

	if found.Passes < 10 {
		t.Errorf("only %d rules found something to check", found.Passes)
	}

	for _, v := range found.Violations {
		t.Errorf("%s: %s", v.ID, v.Help)
		for _, n := range v.Nodes {
			t.Logf("  %s\n%s", n.HTML, n.FailureSummary)
		}
	}
}

// isNotWider checks that the page in a window does not scroll sideways.
func isNotWider(t *testing.T, window context.Context, width int64) {
	t.Helper()
	if wide, err := browser.Width(window); err != nil || wide > width {
		t.Errorf("the page is %d px wide in a window of %d px (%v)", wide, width, err)
	}
}

// TestEveryPageIsAccessible checks every page and every state of every component with axe-core, in
// light and dark, in the width of a screen and of a phone. No page scrolls sideways.
func TestEveryPageIsAccessible(t *testing.T) {
	t.Parallel()
	axe := readAxe(t)
	visit, window := openDemosite(t)
	for _, p := range visit.Pages() {
		for _, width := range []int64{1100, browser.PhoneWidth} {
			t.Run(fmt.Sprintf("%s %d", p.Name, width), func(t *testing.T) {
				if err := chromedp.Do(window, browser.SetView(width, 700, browser.Light), visit.Become(p.As)); err != nil {
					t.Fatal(err)
				}
				if err := visit.Open(window, p); err != nil {
					t.Fatal(err)
				}

				isAccessible(t, window, axe)
				isNotWider(t, window, width)

				// The device's theme changes while the page is open, as at sunset.
				if err := chromedp.Do(window, browser.SetView(width, 700, browser.Dark)); err != nil {
					t.Fatal(err)
				}

				isAccessible(t, window, "")
				isNotWider(t, window, width)
			})
		}
	}
}
