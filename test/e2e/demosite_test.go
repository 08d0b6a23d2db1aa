package e2e

import (
	"context"
	"os"
	"testing"

	"parley/test/browser"
	"parley/test/demosite"
)

// openDemosite starts a populated installation, and opens a window for it.
func openDemosite(t *testing.T) (*demosite.Visit, context.Context) {
	t.Helper()
	dir := newDataDir(t)
	if err := demosite.Seed(t.Context(), suite.program, append(os.Environ(), "DATA_DIR="+dir)); err != nil {
		t.Fatal(err)
	}
	visit, err := demosite.NewVisit(t.Context(), startReplica(t, "DATA_DIR="+dir), suite.program, dir)
	if err != nil {
		t.Fatal(err)
	}
	return visit, browser.PrivateWindow(t, suite.browser)
}
