package browser

import (
	"fmt"
	"slices"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// TurnsScriptsOff turns JavaScript off, from the next page on.
func (p *Person) TurnsScriptsOff() {
	p.t.Helper()
	off := emulation.SetScriptExecutionDisabledParams{Value: true}
	p.Does("turn JavaScript off", Call(emulation.SetScriptExecutionDisabled, off))
}

// PhoneWidth is the width in CSS pixels of the smallest supported screen.
const PhoneWidth = 320

// UsesPhone gives the window the size of a small phone.
func (p *Person) UsesPhone() {
	p.t.Helper()
	p.Does("use a phone", chromedp.EmulateViewport(PhoneWidth, 568))
}

// UsesSlowNetwork adds a latency of 600 ms to each response.
func (p *Person) UsesSlowNetwork() {
	p.t.Helper()
	slow := &network.Conditions{Latency: 600, DownloadThroughput: -1, UploadThroughput: -1}
	p.Does("use a slow network", Call(network.EmulateNetworkConditionsByRule,
		network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{slow}}))
}

// HidesPage and ShowsPage make the page behave as if another tab covered it, or no longer did.
func (p *Person) HidesPage() { p.setHidden(true) }

// ShowsPage is the end of HidesPage.
func (p *Person) ShowsPage() { p.setHidden(false) }

func (p *Person) setHidden(hidden bool) {
	p.Runs(fmt.Sprintf(`(() => {
		Object.defineProperty(document, "hidden", {configurable: true, get: () => %v})
		document.hasFocus = () => %v
		document.dispatchEvent(new Event("visibilitychange"))
		return true
	})()`, hidden, !hidden))
}

// SetOnline makes the page behave as if the device had a network or not.
func (p *Person) SetOnline(online bool) {
	event := map[bool]string{true: "online", false: "offline"}[online]
	p.Runs(fmt.Sprintf(`Object.defineProperty(navigator, "onLine", {configurable: true, get: () => %v}),
		dispatchEvent(new Event(%q))`, online, event))
}

// CachedPaths are the paths of everything that scripts and workers store in the browser, sorted.
func (p *Person) CachedPaths() []string {
	paths := Await[[]string](p, `caches.keys()
		.then(names => Promise.all(names.map(name => caches.open(name).then(c => c.keys()))))
		.then(all => all.flat().map(request => new URL(request.url).pathname))`)
	slices.Sort(paths)
	return paths
}
