// Command lighthouse measures the signed-out page and the conversation page with Lighthouse, on an
// installation of its own. A score below 100 in any category is an error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"text/tabwriter"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"

	"parley/app/devservices"
	"parley/test/browser"
	"parley/test/demosite"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "lighthouse:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	command := filepath.Join("test", "e2e", "node_modules", ".bin", "lighthouse")
	if _, err := os.Stat(command); err != nil {
		return errors.New("lighthouse is not installed: run `go tool task lighthouse` in the repository's root")
	}

	site, err := demosite.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.Stop()) }()

	// Lighthouse joins this browser and uses the cookies of the window.
	port, err := devservices.FreePort(0)
	if err != nil {
		return err
	}

	debugging := chromedp.Flag("remote-debugging-port", strconv.Itoa(port))
	window, stopBrowser, err := browser.Start(ctx, remote.WebSocket, debugging)
	if err != nil {
		return err
	}
	defer stopBrowser()

	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "page\tperformance\taccessibility\tbest practices\tSEO")
	var below []error
	for _, p := range site.Pages() {
		if p.Name != "front" && p.Name != "conversation" {
			continue
		}
		if err := chromedp.Do(window, site.Become(p.As)); err != nil {
			return err
		}

		r, err := (&lighthouse{command: command, port: port}).best(ctx, site.Address(p))
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}

		below = append(below, writeRow(table, p.Name, r))
	}
	return errors.Join(table.Flush(), errors.Join(below...))
}

// writeRow writes the scores of a page, and returns an error that names those below 100.
func writeRow(table io.Writer, page string, r report) (below error) {
	fmt.Fprint(table, page)
	for _, category := range categories {
		score := r.score(category)
		fmt.Fprintf(table, "\t%d", score)
		if score < 100 {
			below = errors.Join(below, fmt.Errorf("%s: %d in %s%s", page, score, category, r.failures(category)))
		}
	}
	fmt.Fprintln(table)
	return below
}
