// Command screenshots photographs every page at three widths, in light and dark, into shots/, with a contact sheet. With -picture FILE it takes
// the README's picture instead.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"

	"github.com/chromedp/chromedp"

	"parley/test/demosite"
)

var sizes = [][2]int64{{320, 640}, {768, 1024}, {1440, 900}}

func main() {
	out := flag.String("out", "shots", "the directory for the pictures")
	picture := flag.String("picture", "", "take only the README's picture, into this file")
	only := flag.String("only", "", "take only pages whose name holds this")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *out, *picture, *only); err != nil {
		fmt.Fprintln(os.Stderr, "shots:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out, picture, only string) (err error) {
	at, err := demosite.Start(ctx)
	if err != nil {
		return err
	}
	defer at.Stop()
	allocator, stop := chromedp.NewExecAllocator(ctx, demosite.BrowserOptions()...)
	defer stop()
	window, closeWindow := chromedp.NewContext(allocator)
	defer closeWindow()
	if err := chromedp.Do(window); err != nil {
		return fmt.Errorf("chromium: %w", err)
	}
	if picture != "" {
		page := demosite.Page{Name: "conversation", As: demosite.Viewer, Path: at.Talk}
		return photograph(window, at.Visit, page, sizes[2], demosite.Light, picture)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	var sheet []shot
	for _, page := range at.Pages() {
		if !strings.Contains(page.Name, only) {
			continue
		}
		for _, size := range sizes {
			for _, theme := range []demosite.Theme{demosite.Light, demosite.Dark} {
				s := shot{page.Name, size[0], theme}
				if err := photograph(window, at.Visit, page, size, theme, filepath.Join(out, s.File())); err != nil {
					return err
				}
				sheet = append(sheet, s)
			}
		}
	}
	fmt.Printf("%d pictures: %s\n", len(sheet), filepath.Join(out, "index.html"))
	return contactSheet(filepath.Join(out, "index.html"), sheet)
}

// photograph takes the whole page, however tall.
func photograph(window context.Context, v *demosite.Visit, p demosite.Page, size [2]int64, theme demosite.Theme, file string) error {
	if err := chromedp.Do(window, demosite.Look(size[0], size[1], theme), v.Become(p.As)); err != nil {
		return err
	}
	if err := v.Open(window, p); err != nil {
		return err
	}
	b, err := chromedp.Run(window, chromedp.FullScreenshot(100))
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	if b, err = smaller(b); err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o644)
}

// smaller keeps the 256 commonest colours, which a page without photographs doesn't feel, and packs them well.
func smaller(b []byte) ([]byte, error) {
	from, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	to := image.NewPaletted(from.Bounds(), commonest(from, 256))
	for y := from.Bounds().Min.Y; y < from.Bounds().Max.Y; y++ {
		for x := from.Bounds().Min.X; x < from.Bounds().Max.X; x++ {
			to.Set(x, y, from.At(x, y))
		}
	}
	var packed bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&packed, to)
	return packed.Bytes(), err
}

type shot struct {
	Page  string
	Width int64
	Theme demosite.Theme
}

func (s shot) File() string { return fmt.Sprintf("%s-%d-%s.png", s.Page, s.Width, s.Theme) }

func contactSheet(file string, shots []shot) error {
	var b bytes.Buffer
	if err := template.Must(template.New("sheet").Parse(sheetTemplate)).Execute(&b, shots); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

const sheetTemplate = `<!doctype html>
<meta charset="utf-8">
<title>Parley, page by page</title>
<style>
body { margin: 2rem; background: #888; font: 14px/1.5 system-ui; display: grid; grid-template-columns: 1fr 1fr 2fr 2fr 3fr 3fr; gap: 1rem; align-items: start }
figure { margin: 0 } img { width: 100%; max-height: 40rem; object-fit: cover; object-position: top; display: block }
</style>
{{range .}}<figure><a href="{{.File}}"><img src="{{.File}}" alt="" loading="lazy"></a><figcaption>{{.Page}}, {{.Width}}, {{.Theme}}</figcaption></figure>
{{end}}`
