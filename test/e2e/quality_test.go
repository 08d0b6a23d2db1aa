package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"parley/app/devservices"
	"parley/test/demosite"
	"parley/test/wait"
)

// visits gives a test a populated installation, and a window on it.
func visits(t *testing.T) (*demosite.Visit, context.Context) {
	t.Helper()
	port, err := devservices.FreePort(0)
	if err != nil {
		t.Fatal(err)
	}
	at := demosite.Place{DataDir: embeddedDir(t), Program: world.program, Ops: fmt.Sprintf("http://127.0.0.1:%d", port)}
	settings := []string{"DATA_DIR=" + at.DataDir, "DEV_SIGNIN=true", fmt.Sprintf("OPS_ADDR=127.0.0.1:%d", port)}
	if err := demosite.Seed(context.Background(), world.program, append(os.Environ(), settings...)); err != nil {
		t.Fatal(err)
	}
	at.Base = startReplica(t, settings...).base
	visit, err := demosite.NewVisit(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	return visit, opensWindow(t)
}

func opensWindow(t *testing.T) context.Context {
	t.Helper()
	window, closeWindow := chromedp.NewContext(world.browser, chromedp.WithNewBrowserContext())
	t.Cleanup(closeWindow)
	if err := chromedp.Do(window); err != nil {
		t.Fatal(err)
	}
	return window
}

// violation is a rule of axe-core that a page breaks.
type violation struct {
	ID, Help string
	Nodes    []struct {
		HTML           string
		FailureSummary string
	}
}

// axe runs in a page: every rule but the experimental ones, frames and shadow roots included.
const axe = `axe.run(document, {resultTypes: ["violations", "passes"]}).then(r => ({violations: r.violations, passes: r.passes.length}))`

// TestEveryPageIsAccessible runs axe-core over every page and every component's every state, in light and dark, on a screen and on a
// phone, where nothing may scroll sideways either.
func TestEveryPageIsAccessible(t *testing.T) {
	t.Parallel()
	library, err := os.ReadFile(filepath.Join("node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("axe-core isn't here: run `go tool task checks` (%v)", err)
	}
	visit, window := visits(t)
	for _, p := range visit.Pages() {
		for _, theme := range []demosite.Theme{demosite.Light, demosite.Dark} {
			for _, width := range []int64{1100, 320} {
				t.Run(fmt.Sprintf("%s %s %d", p.Name, theme, width), func(t *testing.T) {
					if err := chromedp.Do(window, demosite.Look(width, 700, theme), visit.Become(p.As)); err != nil {
						t.Fatal(err)
					}
					if err := visit.Open(window, p); err != nil {
						t.Fatal(err)
					}
					isAccessible(t, window, string(library))
					if wide, err := chromedp.Run(window, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); err != nil || wide > width {
						t.Errorf("it is %d px wide (%v)", wide, err)
					}
				})
			}
		}
	}
}

// TestOperatorsTablesFit: on a screen, and on a tablet, no table of theirs is cut off.
func TestOperatorsTablesFit(t *testing.T) {
	t.Parallel()
	visit, window := visits(t)
	tables := 0
	for _, p := range visit.Pages() {
		for _, width := range []int64{1440, 768} {
			if !p.Ops {
				continue
			}
			if err := chromedp.Do(window, demosite.Look(width, 900, demosite.Light)); err != nil {
				t.Fatal(err)
			}
			if err := visit.Open(window, p); err != nil {
				t.Fatal(err)
			}
			cut, err := chromedp.Run(window, chromedp.Evaluate[[]int64](`[...document.querySelectorAll(".table-wrap")].map(e => e.scrollWidth - e.clientWidth)`))
			if err != nil {
				t.Fatal(err)
			}
			tables += len(cut)
			for _, px := range cut {
				if px > 0 {
					t.Errorf("%s, %d px wide: a table is %d px too wide", p.Name, width, px)
				}
			}
		}
	}
	if tables < 10 {
		t.Errorf("there were only %d tables", tables)
	}
}

func isAccessible(t *testing.T, window context.Context, library string) {
	t.Helper()
	// Through the protocol, which the page's Content-Security-Policy doesn't bind.
	if _, err := chromedp.Run(window, chromedp.Evaluate[bool](library+";true")); err != nil {
		t.Fatal(err)
	}
	found, err := chromedp.Run(window, chromedp.Evaluate[struct {
		Violations []violation
		Passes     int
	}](axe, chromedp.EvalAwaitPromise))
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

// watches notes a page's layout shifts (W3C, Layout Instability), with what moved, and what its Content-Security-Policy refuses.
const watches = `window.noted = [];
addEventListener("securitypolicyviolation", e => noted.push("refused: " + e.blockedURI + " by " + e.violatedDirective));
const place = r => Math.round(r.x) + "," + Math.round(r.y);
new PerformanceObserver(list => list.getEntries().forEach(e => e.sources.forEach(s => noted.push("moved by " + e.value + " from " +
	place(s.previousRect) + " to " + place(s.currentRect) + ": " + (s.node?.outerHTML ?? s.node?.parentElement?.outerHTML))))).observe({type: "layout-shift", buffered: true})`

// whatWasNoted is asked a few frames later, when observers have been told.
const whatWasNoted = `new Promise(done => requestAnimationFrame(() => setTimeout(() => done(noted), 100)))`

// TestNothingMovesWhenScriptsArrive holds the scripts back until the page is painted. Nor may a page ask any other origin for anything.
func TestNothingMovesWhenScriptsArrive(t *testing.T) {
	t.Parallel()
	visit, window := visits(t)
	held, foreign := make(chan fetch.RequestID, 16), make(chan string, 16)
	err := chromedp.Listen(window, func(ev any) {
		switch e := ev.(type) {
		case *fetch.EventRequestPaused:
			held <- e.RequestID
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, visit.Base+"/") && !strings.HasPrefix(e.Request.URL, visit.Ops+"/") {
				foreign <- e.Request.URL
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	err = chromedp.Do(window, demosite.Look(1100, 800, demosite.Light),
		call(network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}),
		call(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watches}),
		call(fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*.js", RequestStage: fetch.RequestStageRequest}}}))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range visit.Pages() {
		t.Run(p.Name, func(t *testing.T) {
			if err := chromedp.Do(window, visit.Become(p.As)); err != nil {
				t.Fatal(err)
			}
			opened := make(chan error, 1)
			go func() { opened <- visit.Open(window, p) }()
			scripts := releaseOncePainted(t, window, held, opened)
			if p.Scripted() != (scripts > 0) {
				t.Errorf("%d scripts were held back", scripts)
			}
			noted, err := chromedp.Run(window, chromedp.Evaluate[[]string](whatWasNoted, chromedp.EvalAwaitPromise))
			if err != nil || len(noted) > 0 && !p.Grows {
				t.Errorf("%s (%v)", strings.Join(noted, "\n"), err)
			}
		})
	}
	for len(foreign) > 0 {
		t.Errorf("a page asked for %s", <-foreign)
	}
}

// releaseOncePainted lets scripts through after the page's first paint, and answers how many there were when the page is open.
func releaseOncePainted(t *testing.T, window context.Context, held <-chan fetch.RequestID, opened <-chan error) (scripts int) {
	t.Helper()
	for {
		select {
		case id := <-held:
			scripts++
			wait.Until(t, "the page is painted without its scripts", func() bool {
				painted, err := chromedp.Run(window, chromedp.Evaluate[bool](`performance.getEntriesByType("paint").length > 0`))
				return err == nil && painted
			})
			if err := chromedp.Do(window, call(fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: id})); err != nil {
				t.Fatal(err)
			}
		case err := <-opened:
			if err != nil {
				t.Fatal(err)
			}
			return scripts
		}
	}
}

func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, command, params)
		return err
	})
}
