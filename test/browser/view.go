package browser

import (
	"context"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Theme is the colour scheme that a device prefers.
type Theme string

// The colour schemes.
const (
	Light Theme = "light"
	Dark  Theme = "dark"
)

// SetView is the step that gives a window its size in CSS pixels and the theme of its device.
// Animations are off.
func SetView(width, height int64, theme Theme) Step {
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: string(theme)},
		{Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		return chromedp.Do(ctx, chromedp.EmulateViewport(width, height), Call(emulation.SetEmulatedMedia, media))
	})
}

// Width is the width in CSS pixels that the page in a window needs. It is above the window's when
// the page scrolls sideways.
func Width(window context.Context) (int64, error) {
	return chromedp.Run(window, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
}
