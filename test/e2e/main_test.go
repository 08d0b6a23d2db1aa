// Package e2e tests Parley as people use it: in Chromium, against replicas of the built program on
// real PostgreSQL, Redis and Kafka.
package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"parley/test/browser"
	"parley/test/parley"
	"parley/test/services"
)

// suite is what the tests share: services that no test stops, the program, the browser, and a site
// for tests that stop nothing.
var suite struct {
	dir      string
	program  string
	services *services.Set
	browser  context.Context
	site     func() (*site, error) // starts the site at the first call
}

// parallelTests is the number of tests that run at a time, unless the flag -parallel is given. Two
// processors serve no more browsers and replicas without timeouts.
const parallelTests = "2"

func TestMain(m *testing.M) {
	flag.Parse()
	parallelSet := false
	flag.Visit(func(f *flag.Flag) { parallelSet = parallelSet || f.Name == "test.parallel" })
	if !parallelSet {
		_ = flag.Set("test.parallel", parallelTests) // fails for no number
	}

	code, err := runSuite(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runSuite(m *testing.M) (code int, err error) {
	if err := services.CheckPrograms(); err != nil {
		return 1, err
	}
	if suite.dir, err = os.MkdirTemp("", "parley-e2e-"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(suite.dir)
	if err := os.Chmod(suite.dir, 0o755); err != nil { // for root, PostgreSQL runs as another user
		return 1, err
	}

	suite.program = filepath.Join(suite.dir, "parley")
	if err := parley.Build(context.Background(), suite.program); err != nil {
		return 1, err
	}
	if suite.services, err = services.Start(context.Background(), suite.dir); err != nil {
		return 1, err
	}
	defer suite.services.Stop()

	var closeBrowser func()
	suite.browser, closeBrowser, err = browser.Start(context.Background(), browser.Shell(),
		chromedp.Flag("ignore-certificate-errors", true)) // nginx has a self-signed one
	if err != nil {
		return 1, err
	}
	defer closeBrowser()

	var started *site
	suite.site = sync.OnceValues(func() (_ *site, err error) {
		started, err = startSite(suite.dir, 2, balanced(), sharedServices()...)
		return started, err
	})
	defer func() { err = errors.Join(err, started.stop()) }()
	return m.Run(), nil
}

// sharedServices are the settings for the PostgreSQL, Redis and Kafka of the suite.
func sharedServices() []string {
	s := suite.services
	return []string{"DATABASE_URL=" + s.Postgres.URL, "REDIS_URL=" + s.Redis.URL, "KAFKA_BROKERS=" + s.Kafka.URL}
}

// unique is a name that no other test uses.
func unique(t testing.TB, name string) string {
	return fmt.Sprintf("%s %s", name, strings.ReplaceAll(t.Name(), "/", " "))
}

// newPerson opens a browser window for a person whose name is unique to the test.
func newPerson(t testing.TB, name, base string) *browser.Person {
	t.Helper()
	return browser.NewPerson(t, suite.browser, unique(t, name), base)
}
