// Package e2e tells what people do with Parley, in real browsers, against real replicas on real services.
package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"parley/test/demosite"
	"parley/test/services"
)

// world is what all tests share: the services, which nobody stops, the program, a browser, and a site for those who need nothing else.
var world struct {
	dir     string
	program string
	set     *services.Set
	browser context.Context
	site    func() (*site, error) // started when it is first asked for
}

// TestMain has one test at a time, unless -parallel says another number: two browsers, their replicas and the packages beside them are too much for two
// processors, and what is late looks like what never comes.
func TestMain(m *testing.M) {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "test.parallel" })
	if !said {
		_ = flag.Set("test.parallel", "1")
	}
	os.Exit(runWorld(m))
}

func runWorld(m *testing.M) (code int) {
	err := services.CheckPrograms()
	if err == nil {
		world.dir, err = os.MkdirTemp("", "parley-e2e-")
	}
	if err == nil {
		defer os.RemoveAll(world.dir)
		err = os.Chmod(world.dir, 0o755) // as root, Postgres runs as another user
	}
	if err == nil {
		world.set, err = services.Start(context.Background(), world.dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer world.set.Stop()
	world.program = filepath.Join(world.dir, "parley")
	if out, err := exec.Command("go", "build", "-o", world.program, "parley/app").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(demosite.BrowserOptions(), chromedp.Flag("ignore-certificate-errors", true))...)
	defer stop()
	var closeBrowser context.CancelFunc
	world.browser, closeBrowser = chromedp.NewContext(allocator)
	defer closeBrowser()
	if err := chromedp.Do(world.browser); err != nil {
		fmt.Fprintln(os.Stderr, "chromium:", err)
		return 1
	}
	var shared *site
	world.site = sync.OnceValues(func() (_ *site, err error) {
		shared, err = startSite(world.dir, 2, os.Getenv("PARLEY_TEST_BALANCER") == "nginx", onRealServices()...)
		return shared, err
	})
	defer func() {
		if err := shared.stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}()
	return m.Run()
}

// onRealServices are the settings for the shared Postgres, Redis and Kafka.
func onRealServices() []string {
	return []string{"DATABASE_URL=" + world.set.Postgres.URL, "REDIS_URL=" + world.set.Redis.URL, "KAFKA_BROKERS=" + world.set.Kafka.URL}
}

// unique makes a name that no other test uses.
func unique(t testing.TB, name string) string {
	return fmt.Sprintf("%s %s", name, strings.ReplaceAll(t.Name(), "/", " "))
}
