// Command draw makes the PNG icons of an installed Parley from the mark in
// static/icons/favicon.svg. Run `go run ./static/draw` in the repository's root
// after a change of the mark's colours. The mark's shapes are repeated here; a test
// compares them with the SVG.
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
)

// icon describes an icon's file and the mark in it.
type icon struct {
	name       string
	size       int         // of each side, in pixels
	mark       float64     // the mark's width, relative to the icon's
	background color.NRGBA // behind the mark
}

var (
	petrol = color.NRGBA{0x15, 0x5a, 0x66, 0xff}
	brass  = color.NRGBA{0xf2, 0xc1, 0x4e, 0xff}
	paper  = color.NRGBA{0xfc, 0xfe, 0xfe, 0xff}
	none   = color.NRGBA{}
)

// icons returns all icons. Launchers cut a maskable icon down to its inner circle
// of 80 %. iOS rounds the corners of an icon without transparency.
func icons() []icon {
	return []icon{
		{"icon-192.png", 192, .92, none},
		{"icon-512.png", 512, .92, none},
		{"icon-maskable.png", 512, .58, paper},
		{"icon-apple.png", 180, .7, paper},
	}
}

func main() {
	for _, i := range icons() {
		var b bytes.Buffer
		err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, draw(i))
		if err == nil {
			err = os.WriteFile(filepath.Join("static", "icons", i.name), b.Bytes(), 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "draw:", err)
			os.Exit(1)
		}
	}
}

// The mark on its grid of 28: two halves of a disc with a gap between them, the left
// one with a square foot.
const (
	left, right = 3.5, 25.3
	top, bottom = 3.5, 24.5
	radius      = 10.5
)

func inLeftHalf(x, y float64) bool {
	return x >= left && x <= 13.2 && y >= top && y <= bottom && (y >= 14 || math.Hypot(x-14, y-14) <= radius)
}

func inRightHalf(x, y float64) bool { return x >= 14.8 && math.Hypot(x-14.8, y-14) <= radius }

// draw samples 64 points of each pixel.
func draw(i icon) image.Image {
	const points = 8 // per side of a pixel
	picture := image.NewNRGBA(image.Rect(0, 0, i.size, i.size))
	for y := range i.size {
		for x := range i.size {
			var inLeft, inRight float64
			for p := range points * points {
				gx, gy := i.toGrid(float64(x)+(float64(p%points)+.5)/points, float64(y)+(float64(p/points)+.5)/points)
				if inLeftHalf(gx, gy) {
					inLeft++
				} else if inRightHalf(gx, gy) {
					inRight++
				}
			}
			picture.SetNRGBA(x, y, mix(i.background, inLeft/(points*points), inRight/(points*points)))
		}
	}
	return picture
}

// toGrid converts a point of the icon, in pixels, to the mark's grid.
func (i icon) toGrid(x, y float64) (gx, gy float64) {
	scale := (right - left) / (float64(i.size) * i.mark) // grid units per pixel
	return (left+right)/2 + (x-float64(i.size)/2)*scale, (top+bottom)/2 + (y-float64(i.size)/2)*scale
}

// mix blends the two colours with the background; p and b are the shares of the
// pixel that petrol and brass cover.
func mix(background color.NRGBA, p, b float64) color.NRGBA {
	g := (1 - p - b) * float64(background.A) / 255
	all := g + p + b
	if all == 0 {
		return none
	}

	channel := func(gc, pc, bc uint8) uint8 {
		return uint8(math.Round((g*float64(gc) + p*float64(pc) + b*float64(bc)) / all))
	}
	return color.NRGBA{
		R: channel(background.R, petrol.R, brass.R),
		G: channel(background.G, petrol.G, brass.G),
		B: channel(background.B, petrol.B, brass.B),
		A: uint8(math.Round(all * 255)),
	}
}
