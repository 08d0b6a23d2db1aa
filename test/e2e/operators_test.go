package e2e

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parley/app/devservices"
	"parley/app/postgres/postgrestest"
	"parley/test/demosite"
	"parley/test/services"
	"parley/test/wait"
)

// pictures is where those that a test takes are kept: go tool task shots-outage.
var pictures = flag.String("pictures", "", "keep pictures in this directory")

// operator looks at a replica's pages for operators in a window.
type operator struct {
	t      *testing.T
	window context.Context
	base   string
}

func (o *operator) opens(path string, width int64, theme demosite.Theme) {
	o.t.Helper()
	o.resizes(width, theme)
	if _, err := chromedp.RunResponse(o.window, chromedp.Navigate(o.base+path)); err != nil {
		o.t.Fatal(err)
	}
}

func (o *operator) resizes(width int64, theme demosite.Theme) {
	o.t.Helper()
	if err := chromedp.Do(o.window, demosite.Look(width, 900, theme)); err != nil {
		o.t.Fatal(err)
	}
}

// reads is what all elements of a selector say, as it is seen.
func (o *operator) reads(selector string) string {
	s, _ := chromedp.Run(o.window, chromedp.Evaluate[string](fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.innerText.trim()).join("; ")`, selector)))
	return s
}

func (o *operator) isWell(t *testing.T, width int64, library string) {
	t.Helper()
	isAccessible(t, o.window, library)
	if wide, err := chromedp.Run(o.window, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); err != nil || wide > width {
		t.Errorf("it is %d px wide (%v)", wide, err)
	}
}

// photographs keeps a picture of the whole page, if pictures are kept.
func (o *operator) photographs(name string) {
	o.t.Helper()
	if *pictures == "" {
		return
	}
	b, err := chromedp.Run(o.window, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(*pictures, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(*pictures, name+".png"), b, 0o644)
	}
	if err != nil {
		o.t.Error(err)
	}
}

// TestOperatorsPages in a browser: the figures change by themselves. What is asked of every page, TestEveryPageIsAccessible asks of theirs too.
func TestOperatorsPages(t *testing.T) {
	t.Parallel()
	port, err := devservices.FreePort(0)
	if err != nil {
		t.Fatal(err)
	}
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	r := startReplica(t, append(onRealServices(), fmt.Sprintf("OPS_ADDR=127.0.0.1:%d", port))...)
	o := &operator{t, opensWindow(t), base}
	o.opens("/pipeline", 1100, demosite.Light)
	wait.Until(t, "the page is live", func() bool { return strings.HasPrefix(o.reads("#connection"), "Live") })
	before := o.reads(".pipeline-step .figure")
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
	wait.Until(t, "a stream more is counted", func() bool { return o.reads(".pipeline-step .figure") != before })
}

// TestOperatorsSeeAnOutage of Postgres in a page that stays open: what waits, what is away and what could not be stored are right by themselves, in it and after it.
// app/replica compares the figures with the brokers'.
func TestOperatorsSeeAnOutage(t *testing.T) {
	t.Parallel()
	library, err := os.ReadFile(filepath.Join("node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("axe-core isn't here: run `go tool task checks` (%v)", err)
	}
	port, err := devservices.FreePort(0)
	if err != nil {
		t.Fatal(err)
	}
	postgres := services.Postgres(embeddedDir(t))
	if err := postgres.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(postgres.Kill)
	r := startReplica(t, append(ownParts(t), "DATABASE_URL="+postgres.URL, fmt.Sprintf("OPS_ADDR=127.0.0.1:%d", port))...)
	ada, bob := programFor(t, unique(t, "Ada"), r), programFor(t, unique(t, "Bob"), r)
	talk := ada.opens(r, bob)
	postgrestest.Exec(t, postgres.URL, "ALTER TABLE messages ADD CONSTRAINT refused CHECK (body NOT LIKE 'poison%')")
	o := &operator{t, opensWindow(t), fmt.Sprintf("http://127.0.0.1:%d", port)}
	o.opens("/pipeline", 1440, demosite.Light)
	ada.send([]*replica{r}, talk, "poison one")
	wait.Until(t, "a dead letter is shown, and that all else is stored", func() bool {
		return strings.HasPrefix(o.reads("#dead .badge"), "1") && strings.HasPrefix(o.reads(".tally"), "Everything in the log is stored")
	})

	if err := postgres.Pause(); err != nil {
		t.Fatal(err)
	}
	for n := range 7 {
		ada.send([]*replica{r}, talk, fmt.Sprint("meanwhile ", n))
	}
	wait.Until(t, "seven wait, without Postgres", func() bool {
		return strings.Contains(o.reads(".tally"), "7 messages on the way") && strings.Contains(o.reads("[data-component]"), "is away since") && strings.Contains(o.reads("[data-replica]"), "Without")
	})
	if lag := strings.Split(o.reads(".lag"), "; "); len(lag) != 3 || !slices.Contains(lag, "7") {
		t.Errorf("the lag is %v", lag)
	}
	if badge, silent := o.reads("#dead .badge"), o.reads("section:has(#database) .status"); !strings.HasPrefix(badge, "1") || silent != "Postgres does not answer" {
		t.Errorf("meanwhile there are %q dead letters, and the database: %q", badge, silent)
	}
	for _, theme := range []demosite.Theme{demosite.Light, demosite.Dark} {
		for _, width := range []int64{1440, 320} {
			o.resizes(width, theme)
			o.isWell(t, width, string(library))
			o.photographs(fmt.Sprintf("ops-pipeline-outage-%d-%s", width, theme))
		}
	}

	if err := postgres.Resume(); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "all is well again", func() bool {
		return strings.HasPrefix(o.reads(".tally"), "Everything in the log is stored") && o.reads("[data-component]") == "" && o.reads("[data-replica] .status") == "Ready"
	})
}
