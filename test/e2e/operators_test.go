package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parley/app/client"
	"parley/app/postgres/postgrestest"
	"parley/test/browser"
	"parley/test/parley"
	"parley/test/services"
	"parley/test/wait"
)

// pictures is the directory for screenshots of a test: go tool task shots-outage.
var pictures = flag.String("pictures", "", "store screenshots in this directory")

// operator looks at the operators' pages of one replica.
type operator struct {
	t      *testing.T
	window context.Context
	base   string
}

func newOperator(t *testing.T, r *parley.Replica) *operator {
	t.Helper()
	return &operator{t, browser.PrivateWindow(t, suite.browser), "http://" + r.Admin}
}

func (o *operator) opens(path string, width int64) {
	o.t.Helper()
	o.setsView(width, browser.Light)
	if _, err := chromedp.RunResponse(o.window, chromedp.Navigate(o.base+path)); err != nil {
		o.t.Fatal(err)
	}
}

func (o *operator) setsView(width int64, theme browser.Theme) {
	o.t.Helper()
	if err := chromedp.Do(o.window, browser.SetView(width, 900, theme)); err != nil {
		o.t.Fatal(err)
	}
}

// reads returns the visible text of all elements for a selector.
func (o *operator) reads(selector string) string {
	s, _ := chromedp.Run(o.window, chromedp.Evaluate[string](fmt.Sprintf(
		`[...document.querySelectorAll(%q)].map(e => e.innerText.trim()).join("; ")`, selector)))
	return s
}

// seesEverythingStored reports whether the pipeline has nothing to store.
func (o *operator) seesEverythingStored() bool {
	return strings.HasPrefix(o.reads(".tally"), "Everything in the log is stored")
}

// takesScreenshot stores a screenshot of the whole page if -pictures is given.
func (o *operator) takesScreenshot(name string) {
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

// TestOperatorsPagesAreLive: the figures of an open page follow the replica.
// TestEveryPageIsAccessible has all operators' pages, too.
func TestOperatorsPagesAreLive(t *testing.T) {
	t.Parallel()
	r := startReplica(t, sharedServices()...)
	o := newOperator(t, r)
	o.opens("/pipeline", 1100)
	wait.Until(t, "the page is live", func() bool { return strings.HasPrefix(o.reads("#connection"), "Live") })

	before := o.reads(".pipeline-step .figure")
	ada, err := client.SignIn(t.Context(), r.Base, unique(t, "Ada"), client.Options{})
	if err != nil {
		t.Fatal(err)
	}

	stream, err := ada.OpenStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	wait.Until(t, "the new stream is counted", func() bool { return o.reads(".pipeline-step .figure") != before })
}

// TestOperatorsSeeAnOutage pauses PostgreSQL under an open page, which shows the lag, the
// dependency that is down and the dead letters, during the outage and after it.
// test/integration compares the figures with the broker's.
func TestOperatorsSeeAnOutage(t *testing.T) {
	t.Parallel()
	axe := readAxe(t)
	postgres := services.Postgres(newDataDir(t))
	if err := postgres.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(postgres.Kill)
	r := startReplica(t, append(newServices(t), "DATABASE_URL="+postgres.URL)...)
	ada, bob := newAPIUser(t, "Ada", r.Base), newAPIUser(t, "Bob", r.Base)
	conversation := ada.befriends(bob)
	postgrestest.Exec(t, postgres.URL,
		"ALTER TABLE messages ADD CONSTRAINT refused CHECK (body NOT LIKE 'poison%')")

	o := newOperator(t, r)
	o.opens("/pipeline", 1440)
	ada.sends(bases(r), conversation, "poison one")
	wait.Until(t, "a dead letter is shown, and everything else is stored", func() bool {
		return strings.HasPrefix(o.reads("#dead .badge"), "1") && o.seesEverythingStored()
	})

	if err := postgres.Pause(); err != nil {
		t.Fatal(err)
	}

	for n := range 7 {
		ada.sends(bases(r), conversation, fmt.Sprint("meanwhile ", n))
	}

	wait.Until(t, "seven messages wait for PostgreSQL", func() bool {
		return strings.Contains(o.reads(".tally"), "7 messages on the way") &&
			strings.Contains(o.reads("[data-component]"), "is away since") &&
			strings.Contains(o.reads("[data-replica]"), "Without")
	})
	if lag := strings.Split(o.reads(".lag"), "; "); len(lag) != 3 || !slices.Contains(lag, "7") {
		t.Errorf("the lag of the partitions is %v", lag)
	}
	if badge := o.reads("#dead .badge"); !strings.HasPrefix(badge, "1") {
		t.Errorf("during the outage there are %q dead letters, want 1", badge)
	}
	if status := o.reads("section:has(#database) .status"); status != "Postgres does not answer" {
		t.Errorf("during the outage the status of the database is %q", status)
	}

	for _, theme := range []browser.Theme{browser.Light, browser.Dark} {
		for _, width := range []int64{1440, browser.PhoneWidth} {
			o.setsView(width, theme)
			isAccessible(t, o.window, axe)
			isNotWider(t, o.window, width)
			o.takesScreenshot(fmt.Sprintf("ops-pipeline-outage-%d-%s", width, theme))
		}
	}

	if err := postgres.Resume(); err != nil {
		t.Fatal(err)
	}

	wait.Until(t, "the page shows no outage", func() bool {
		return o.seesEverythingStored() && o.reads("[data-component]") == "" &&
			o.reads("[data-replica] .status") == "Ready"
	})
}
