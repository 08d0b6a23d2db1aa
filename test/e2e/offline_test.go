package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"parley/test/browser"
	"parley/test/wait"
)

// TestOfflinePage: when no replica answers, the service worker shows Parley's own page at the
// requested address. In all else pages work as without the worker.
func TestOfflinePage(t *testing.T) {
	t.Parallel()
	site := newSite(t, sharedServices()...)
	ada, bob, conversation := site.adaAndBob(t)
	wait.Until(t, "the worker has stored the offline page and its style", func() bool {
		return len(ada.CachedPaths()) == 2
	})
	ada.Opens(conversation)
	if !ada.Is(`!!navigator.serviceWorker.controller`) {
		t.Fatal("the worker does not control the page")
	}

	ada.IsLive()
	bob.Sends("past the worker")
	ada.Sees("past the worker")
	ada.Sends("and back")
	bob.Sees("and back")
	ada.OpensConversationWith(bob)

	site.disconnect()
	ada.Opens("/account")
	text := ada.Page()
	if !strings.HasPrefix(text, ada.Base+"/account\n") || !strings.Contains(text, "Parley is out of reach") {
		t.Errorf("the offline page:\n%s", text)
	}

	font := ada.Text(`getComputedStyle(document.querySelector("h1")).fontFamily`)
	if !strings.Contains(font, "serif") || strings.HasPrefix(font, "sans") {
		t.Errorf("the offline page has no style: the font of its heading is %q", font)
	}

	ada.Clicks(`//a[text()="Try again"]`, ada.Reading("out of reach"))

	site.reconnect(t)
	ada.Clicks(`//a[text()="Try again"]`, ada.Reading("Sign out"))
	ada.Opens(conversation)
	ada.Sees("past the worker")
	ada.IsLive()
	ada.SignsOut()
	stored := ada.CachedPaths()
	if len(stored) != 2 || stored[0] != "/offline" || !strings.HasPrefix(stored[1], "/static/front-") {
		t.Errorf("after signing out the browser stores %v", stored)
	}
}

// TestInstallable: Chromium reports no reason against installing Parley as an application.
func TestInstallable(t *testing.T) {
	t.Parallel()
	base := sharedSite(t).one

	// A window of the browser's own profile: others are not kept, so applications can't be
	// installed there.
	window := browser.Window(t, suite.browser)
	if err := chromedp.Do(window, chromedp.Navigate(base+"/"), chromedp.WaitReady("body")); err != nil {
		t.Fatal(err)
	}

	manifest, err := chromedp.Call(window, page.GetAppManifest, page.GetAppManifestParams{})
	if err != nil {
		t.Fatal(err)
	}
	if manifest.URL != base+"/manifest.webmanifest" || len(manifest.Errors) > 0 || manifest.Manifest.Name != "Parley" {
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
