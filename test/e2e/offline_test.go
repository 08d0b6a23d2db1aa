package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"parley/test/browser"
	"parley/test/wait"
)

// workerFiles is how many files the service worker stores for everybody.
const workerFiles = 10

// TestOfflinePage: when no replica answers, the service worker shows a copy of a conversation that
// was visited, and at other addresses Parley's own page, which opens the address as soon as a
// replica answers. In all else pages work as without the worker. No copy is left after signing out.
func TestOfflinePage(t *testing.T) {
	t.Parallel()
	site := newSite(t, sharedServices()...)
	ada, bob, conversation := site.adaAndBob(t)
	wait.Until(t, "the worker has stored its files", func() bool { return len(ada.CachedPaths()) >= workerFiles })
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

	ada.Opens(conversation)
	wait.Until(t, "the worker has a copy", func() bool { return slices.Contains(ada.CachedPaths(), conversation) })
	site.disconnect()
	ada.Opens(conversation)
	ada.Reads("Offline: this is how it was at ")
	ada.Sees("past the worker")
	ada.Opens("/account")
	text := ada.Page()
	if !strings.HasPrefix(text, ada.Base+"/account\n") || !strings.Contains(text, "Parley is out of reach") {
		t.Errorf("the offline page:\n%s", text)
	}

	font := ada.Text(`getComputedStyle(document.querySelector("h1")).fontFamily`)
	if !strings.Contains(font, "serif") || strings.HasPrefix(font, "sans") {
		t.Errorf("the offline page has no style: the font of its heading is %q", font)
	}

	ada.Opens(conversation)
	ada.Reads("Offline: this is how it was at ")
	people := ada.OpensAnotherTab("/people")
	people.Reads("Parley is out of reach")

	site.reconnect(t)
	people.Eventually("the page opens by itself", `document.querySelector("main")?.id ?? ""`, "pane")
	ada.IsLive()
	if text := ada.Page(); strings.Contains(text, "Offline: this is how it was") {
		t.Errorf("a live page is marked as an old copy:\n%s", text)
	}
	ada.Opens(conversation)
	ada.Sees("past the worker")
	ada.IsLive()
	ada.SignsOut()
	stored := ada.CachedPaths()
	size := len(stored)
	others := slices.DeleteFunc(stored, func(path string) bool { return strings.HasPrefix(path, "/static/") })
	if size != workerFiles || !slices.Equal(others, []string{"/offline"}) {
		t.Errorf("after signing out the browser stores %d files, beside static ones %v", size, others)
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
