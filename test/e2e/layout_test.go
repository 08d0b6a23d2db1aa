package e2e

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"parley/test/browser"
	"parley/test/demosite"
	"parley/test/wait"
)

// TestOperatorsTablesFit: no table on an operators' page is cut off on a screen or a tablet.
func TestOperatorsTablesFit(t *testing.T) {
	t.Parallel()
	visit, window := openDemosite(t)
	tables := 0
	for _, p := range visit.Pages() {
		for _, width := range []int64{1440, 768} {
			if !p.Ops {
				continue
			}
			if err := chromedp.Do(window, browser.SetView(width, 900, browser.Light)); err != nil {
				t.Fatal(err)
			}
			if err := visit.Open(window, p); err != nil {
				t.Fatal(err)
			}

			cut, err := chromedp.Run(window, chromedp.Evaluate[[]int64](
				`[...document.querySelectorAll(".table-wrap")].map(e => e.scrollWidth - e.clientWidth)`))
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
		t.Errorf("only %d tables were checked", tables)
	}
}

// scrolled adds 60 unread rows to the conversation list, follows a link to the newest message as a
// click on a row does, and scrolls everything that can be scrolled around the panes. It returns how
// far the document reaches beyond the window, and how far anything but a pane moved.
const scrolled = `(async () => {
	const list = document.querySelector(".conversations")
	const unread = list.querySelector("li:has(.badge)")
	for (let i = 0; i < 60; i++) list.append(unread.cloneNode(true))
	const frames = [document.documentElement, document.body, document.querySelector(".side"),
		document.querySelector(".sheet")]
	location.hash = ""
	location.hash = "latest"
	await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
	for (const frame of frames) frame.scrollTop = 999
	return [document.documentElement.scrollHeight - innerHeight, document.documentElement.scrollWidth - innerWidth,
		...frames.map(frame => frame.scrollTop), document.querySelector(".header").getBoundingClientRect().top < 0 ? 1 : 0]
})()`

// TestDocumentNeverScrolls: only the panes scroll, whatever is hidden in them and wherever a link
// leads, in windows of any size. A document that scrolls takes the whole app out of its window.
func TestDocumentNeverScrolls(t *testing.T) {
	t.Parallel()
	visit, window := openDemosite(t)
	if err := chromedp.Do(window, visit.Become(demosite.Viewer)); err != nil {
		t.Fatal(err)
	}

	for _, size := range [][2]int64{
		{320, 568}, {390, 844}, {568, 330}, {667, 375}, {844, 390}, {768, 1024},
		{1024, 768}, {1280, 600}, {1280, 800}, {1366, 625}, {1440, 900}, {1920, 1080},
	} {
		if err := chromedp.Do(window, browser.SetView(size[0], size[1], browser.Light)); err != nil {
			t.Fatal(err)
		}
		conversation := demosite.Page{Name: "conversation", As: demosite.Viewer, Path: visit.Conversation}
		if err := visit.Open(window, conversation); err != nil {
			t.Fatal(err)
		}

		moved, err := chromedp.Run(window, chromedp.Evaluate[[]int64](scrolled, chromedp.EvalAwaitPromise))
		if err != nil || slices.ContainsFunc(moved, func(px int64) bool { return px != 0 }) {
			t.Errorf("%d×%d: %v (%v)", size[0], size[1], moved, err)
		}
	}
}

// observePage records the layout shifts of a page (W3C, Layout Instability) with the elements that
// moved, and the requests that its Content-Security-Policy blocks. Shifts count once the whole
// document was painted: a loaded browser paints a button before it has parsed the button's text.
const observePage = `window.observed = [];
addEventListener("securitypolicyviolation", e =>
	observed.push("blocked: " + e.blockedURI + " by " + e.violatedDirective));
const corner = r => Math.round(r.x) + "," + Math.round(r.y);
window.paintedAt = 0;
document.addEventListener("readystatechange", () => document.readyState === "interactive" &&
	requestAnimationFrame(() => requestAnimationFrame(() => paintedAt = performance.now())));
const counts = e => paintedAt > 0 && e.startTime >= paintedAt;
new PerformanceObserver(list => list.getEntries().filter(counts).forEach(e => e.sources.forEach(s => observed.push(
	"moved by " + e.value + " from " + corner(s.previousRect) + " to " + corner(s.currentRect) + ": " +
	(s.node?.outerHTML ?? s.node?.parentElement?.outerHTML)
)))).observe({type: "layout-shift", buffered: true})`

// observations are read a few frames later, because observers are called after a frame.
const observations = `new Promise(done => requestAnimationFrame(() => setTimeout(() => done(observed), 100)))`

// TestLayoutIsStableWhileScriptsLoad delays the scripts of each page until the page is painted:
// nothing may move when they arrive. No page sends a request to another origin.
func TestLayoutIsStableWhileScriptsLoad(t *testing.T) {
	t.Parallel()
	visit, window := openDemosite(t)
	paused, foreign := make(chan fetch.RequestID, 16), make(chan string, 16)
	err := chromedp.Listen(window, func(event any) {
		switch e := event.(type) {
		case *fetch.EventRequestPaused:
			paused <- e.RequestID
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, visit.Base+"/") && !strings.HasPrefix(e.Request.URL, visit.Ops+"/") {
				foreign <- e.Request.URL
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}

	scripts := []*fetch.RequestPattern{{URLPattern: "*.js", RequestStage: fetch.RequestStageRequest}}
	err = chromedp.Do(window, browser.SetView(1100, 800, browser.Light),
		browser.Call(network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}),
		browser.Call(network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true}),
		browser.Call(page.AddScriptToEvaluateOnNewDocument,
			page.AddScriptToEvaluateOnNewDocumentParams{Source: observePage}),
		browser.Call(fetch.Enable, fetch.EnableParams{Patterns: scripts}))
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
			delayed := releaseAfterPaint(t, window, paused, opened)
			if p.Scripted() != (delayed > 0) {
				t.Errorf("%d scripts were delayed", delayed)
			}

			observed, err := chromedp.Run(window, chromedp.Evaluate[[]string](observations, chromedp.EvalAwaitPromise))
			if err != nil || len(observed) > 0 && !p.Grows {
				t.Errorf("%s (%v)", strings.Join(observed, "\n"), err)
			}
		})
	}

	for len(foreign) > 0 {
		t.Errorf("a page sent a request to %s", <-foreign)
	}
}

// releaseAfterPaint continues paused requests for scripts after the first paint of the page. It
// returns their number when the page is open.
func releaseAfterPaint(
	t *testing.T, window context.Context, paused <-chan fetch.RequestID, opened <-chan error,
) (scripts int) {
	t.Helper()
	for {
		select {
		case id := <-paused:
			scripts++
			wait.Until(t, "the page is painted without its scripts", func() bool {
				painted, err := chromedp.Run(window, chromedp.Evaluate[bool](`paintedAt > 0`))
				return err == nil && painted
			})
			resume := browser.Call(fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: id})
			if err := chromedp.Do(window, resume); err != nil {
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
