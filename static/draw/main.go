// Command draw makes the PNG icons of an installed Parley from the mark, static/icons/favicon.svg: run `go run ./static/draw` in the
// repository's root after a change of its colours. Its shapes are drawn here a second time, and a test compares them.
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

// icon is a file, and how the mark stands in it.
type icon struct {
	name   string
	size   int
	mark   float64     // its width, as a part of the icon's
	ground color.NRGBA // behind it
}

var (
	petrol = color.NRGBA{0x15, 0x5a, 0x66, 0xff}
	brass  = color.NRGBA{0xf2, 0xc1, 0x4e, 0xff}
	paper  = color.NRGBA{0xfc, 0xfe, 0xfe, 0xff}
	none   = color.NRGBA{}
)

// icons: a launcher cuts a maskable one down to its inner circle of 80 %, and iOS rounds the corners of one without transparency.
func icons() []icon {
	return []icon{{"icon-192.png", 192, .92, none}, {"icon-512.png", 512, .92, none}, {"icon-maskable.png", 512, .58, paper}, {"icon-apple.png", 180, .7, paper}}
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

// The mark on its grid of 28: two halves of a disc with a gap, the left one with a square foot.
const (
	grid        = 28
	left, right = 3.5, 25.3
	top, bottom = 3.5, 24.5
	radius      = 10.5
)

func leftHalf(x, y float64) bool {
	return x >= left && x <= 13.2 && y >= top && y <= bottom && (y >= 14 || math.Hypot(x-14, y-14) <= radius)
}

func rightHalf(x, y float64) bool { return x >= 14.8 && math.Hypot(x-14.8, y-14) <= radius }

// draw looks at 64 points of each pixel.
func draw(i icon) image.Image {
	const points = 8
	scale := (right - left) / (float64(i.size) * i.mark) // grid units per pixel
	picture := image.NewNRGBA(image.Rect(0, 0, i.size, i.size))
	for y := range i.size {
		for x := range i.size {
			var n [2]float64
			for p := range points * points {
				gx := (left+right)/2 + (float64(x)+(float64(p%points)+.5)/points-float64(i.size)/2)*scale
				gy := (top+bottom)/2 + (float64(y)+(float64(p/points)+.5)/points-float64(i.size)/2)*scale
				if leftHalf(gx, gy) {
					n[0]++
				} else if rightHalf(gx, gy) {
					n[1]++
				}
			}
			picture.SetNRGBA(x, y, mix(i.ground, n[0]/(points*points), n[1]/(points*points)))
		}
	}
	return picture
}

// mix lays the two colours over the ground, each as far as it covers the pixel.
func mix(ground color.NRGBA, p, b float64) color.NRGBA {
	g := (1 - p - b) * float64(ground.A) / 255
	all := g + p + b
	if all == 0 {
		return none
	}
	c := func(gc, pc, bc uint8) uint8 {
		return uint8(math.Round((g*float64(gc) + p*float64(pc) + b*float64(bc)) / all))
	}
	return color.NRGBA{c(ground.R, petrol.R, brass.R), c(ground.G, petrol.G, brass.G), c(ground.B, petrol.B, brass.B), uint8(math.Round(all * 255))}
}
