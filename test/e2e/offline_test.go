package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"parley/test/wait"
)

// TestOffline: when nothing answers, the browser shows our own page at the address that was asked for, and everything else is as if the
// worker weren't there.
func TestOffline(t *testing.T) {
	t.Parallel()
	at := ownSite(t, onRealServices()...)
	ada, bob, talk := at.adaAndBob(t)
	wait.Until(t, "the worker has the page", func() bool { return len(ada.cached()) == 2 })
	ada.opens(talk)
	if !evaluate[bool](ada, `!!navigator.serviceWorker.controller`) {
		t.Fatal("the page isn't the worker's")
	}
	ada.isLive()
	bob.sends("past the worker")
	ada.sees("past the worker")
	ada.sends("and back")
	bob.sees("and back")
	ada.opensConversationWith(bob)

	at.cutOff()
	ada.opens("/account")
	if text := ada.page(); !strings.HasPrefix(text, ada.at.base+"/account\n") || !strings.Contains(text, "Parley is out of reach") {
		t.Errorf("offline one reads:\n%s", text)
	}
	if font := evaluate[string](ada, `getComputedStyle(document.querySelector("h1")).fontFamily`); !strings.Contains(font, "serif") || strings.HasPrefix(font, "sans") {
		t.Errorf("the page has no style: %q", font)
	}
	ada.clicks(`//a[text()="Try again"]`, func() bool { return strings.Contains(ada.page(), "out of reach") })
	at.comesBack()
	ada.clicks(`//a[text()="Try again"]`, func() bool { return strings.Contains(ada.page(), "Sign out") })
	ada.opens(talk)
	ada.sees("past the worker")
	ada.isLive()
	ada.signsOut()
	if kept := ada.cached(); len(kept) != 2 || kept[0] != "/offline" || !strings.HasPrefix(kept[1], "/static/front-") {
		t.Errorf("the browser keeps %v", kept)
	}
}

// cached are the addresses of all that scripts and workers keep in the browser.
func (p *person) cached() []string {
	p.t.Helper()
	kept := evaluateLater[[]string](p, `caches.keys().then(names => Promise.all(names.map(name => caches.open(name).then(c => c.keys()))))
		.then(all => all.flat().map(request => new URL(request.url).pathname))`)
	slices.Sort(kept)
	return kept
}

// TestInstallable: a browser finds nothing that stands against installing Parley.
func TestInstallable(t *testing.T) {
	t.Parallel()
	at := onSite(t).one
	window, closeWindow := chromedp.NewContext(world.browser) // the browser's own profile: others aren't kept, so nothing installs there
	t.Cleanup(closeWindow)
	if err := chromedp.Do(window, chromedp.Navigate(at.base+"/"), chromedp.WaitReady("body")); err != nil {
		t.Fatal(err)
	}
	manifest, err := chromedp.Call(window, page.GetAppManifest, page.GetAppManifestParams{})
	if err != nil {
		t.Fatal(err)
	}
	if manifest.URL != at.base+"/manifest.webmanifest" || len(manifest.Errors) > 0 || manifest.Manifest.Name != "Parley" {
		t.Errorf("manifest %s: %v", manifest.URL, manifest.Errors)
	}
	found, err := chromedp.Call(window, page.GetInstallabilityErrors, cdp.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found.InstallabilityErrors {
		t.Errorf("%s %v", e.ErrorID, e.ErrorArguments)
	}
}
