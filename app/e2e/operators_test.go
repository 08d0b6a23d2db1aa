package e2e

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parley/app/devservices"
	"parley/app/e2e/stage"
)

// TestOperatorsPages in a browser: the figures change by themselves, nothing scrolls sideways on a phone, and axe-core finds nothing.
func TestOperatorsPages(t *testing.T) {
	t.Parallel()
	library, err := os.ReadFile(filepath.Join("node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("axe-core isn't here: run `go tool task checks` (%v)", err)
	}
	port, err := devservices.FreePort(0)
	if err != nil {
		t.Fatal(err)
	}
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	r := startReplica(t, append(onRealServices(), fmt.Sprintf("OPS_ADDR=127.0.0.1:%d", port))...)
	window := opensWindow(t)
	look := func(path string, width int64, theme stage.Theme) {
		t.Helper()
		if err := chromedp.Do(window, stage.Look(width, 700, theme)); err != nil {
			t.Fatal(err)
		}
		if _, err := chromedp.RunResponse(window, chromedp.Navigate(base+path)); err != nil {
			t.Fatal(err)
		}
	}
	says := func(expression string) string {
		s, _ := chromedp.Run(window, chromedp.Evaluate[string](expression))
		return s
	}
	look("/pipeline", 1100, stage.Light)
	eventually(t, "the page is live", func() bool { return strings.HasPrefix(says(`document.querySelector("#connection").innerText`), "Live") })
	streams := `document.querySelector(".hop .figure").innerText`
	before := says(streams)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	ada := http.Client{Jar: jar}
	res, err := ada.PostForm(r.base+"/signin/dev", url.Values{"name": {unique(t, "Ada")}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	stream, err := ada.Get(r.base + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	eventually(t, "a stream more is counted", func() bool { return says(streams) != before })

	for _, path := range []string{"/pipeline", "/pipeline/tables", "/pipeline/tables/messages", "/pipeline/letters/9-9", "/pipeline/messages?id=x"} {
		for _, theme := range []stage.Theme{stage.Light, stage.Dark} {
			for _, width := range []int64{1100, 320} {
				t.Run(fmt.Sprintf("%s %s %d", path, theme, width), func(t *testing.T) {
					look(path, width, theme)
					isAccessible(t, window, string(library))
					if wide, err := chromedp.Run(window, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); err != nil || wide > width {
						t.Errorf("it is %d px wide (%v)", wide, err)
					}
				})
			}
		}
	}
}
