package demosite

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// BrowserOptions let Chromium run anywhere, as root too, and leave the network alone.
func BrowserOptions() []chromedp.ExecAllocatorOption {
	return append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-renderer-backgrounding", true), chromedp.Flag("disable-backgrounding-occluded-windows", true))
}

// Theme is what a device prefers.
type Theme string

const (
	Light Theme = "light"
	Dark  Theme = "dark"
)

// Look gives a window its size and its device's theme. Nothing moves in it.
func Look(width, height int64, theme Theme) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := chromedp.EmulateViewport(width, height)(ctx, t); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: string(theme)}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		return err
	})
}

// Become lets a window belong to a role.
func (v *Visit) Become(as Role) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil || as == Nobody {
			return err
		}
		c, hidden := v.cookies[as], true
		_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: v.Base, HTTPOnly: &hidden})
		return err
	})
}

// settled is true when nothing more will come: the page is loaded and, where it has a stream, live.
const settled = `document.readyState === "complete" && !document.querySelector(".connection[data-live]")`

// Open goes to a page and waits until it is as people see it.
func (v *Visit) Open(ctx context.Context, p Page) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, chromedp.Navigate(v.Address(p)))
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	if want := cmp.Or(p.Status, http.StatusOK); int(res.Status) != want {
		return fmt.Errorf("%s answers %d, not %d", p.Name, res.Status, want)
	}
	for {
		done, err := chromedp.Run(ctx, chromedp.Evaluate[bool](settled))
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			text, _ := chromedp.Run(context.WithoutCancel(ctx), chromedp.Evaluate[string](`document.body.innerText`))
			return fmt.Errorf("%s never settles (%v):\n%s", p.Name, err, strings.TrimSpace(text))
		case <-time.After(20 * time.Millisecond):
		}
	}
}
