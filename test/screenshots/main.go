// Command screenshots takes a screenshot of every page at three widths, in light and dark, into
// shots/, with a contact sheet. With -picture FILE it takes the README's picture instead.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/chromedp/chromedp"

	"parley/test/browser"
	"parley/test/demosite"
)

// size is the size of a window in CSS pixels.
type size struct{ width, height int64 }

// sizes are a phone, a tablet and a laptop.
var sizes = []size{{320, 640}, {768, 1024}, {1440, 900}}

func main() {
	out := flag.String("out", "shots", "the directory for the pictures")
	picture := flag.String("picture", "", "take only the README's picture, into this file")
	only := flag.String("only", "", "take only pages whose name contains this text")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *out, *picture, *only); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out, picture, only string) (err error) {
	site, err := demosite.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.Stop()) }()
	window, stop, err := browser.Start(ctx)
	if err != nil {
		return err
	}
	defer stop()

	if picture != "" {
		page := demosite.Page{Name: "conversation", As: demosite.Viewer, Path: site.Conversation}
		return capture(window, site.Visit, page, sizes[2], browser.Light, picture)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}

	var taken []screenshot
	for _, page := range site.Pages() {
		if !strings.Contains(page.Name, only) {
			continue
		}

		for _, size := range sizes {
			for _, theme := range []browser.Theme{browser.Light, browser.Dark} {
				s := screenshot{page.Name, size.width, theme}
				if err := capture(window, site.Visit, page, size, theme, filepath.Join(out, s.File())); err != nil {
					return err
				}

				taken = append(taken, s)
			}
		}
	}

	sheet := filepath.Join(out, "index.html")
	fmt.Printf("%d pictures: %s\n", len(taken), sheet)
	return writeContactSheet(sheet, taken)
}

// capture takes a screenshot of the whole height of a page into a file.
func capture(
	window context.Context, v *demosite.Visit, p demosite.Page, size size, theme browser.Theme, file string,
) error {
	if err := chromedp.Do(window, browser.SetView(size.width, size.height, theme), v.Become(p.As)); err != nil {
		return err
	}
	if err := v.Open(window, p); err != nil {
		return err
	}
	picture, err := chromedp.Run(window, chromedp.FullScreenshot(100))
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	if picture, err = compress(picture); err != nil {
		return err
	}
	return os.WriteFile(file, picture, 0o644)
}
