package main

import (
	"fmt"
	"image/color"
	"image/png"
	"os"
	"strings"
	"testing"
)

func TestIconsAreUpToDate(t *testing.T) {
	for _, i := range icons() {
		file, err := os.Open("../icons/" + i.name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(file)
		file.Close()
		if err != nil {
			t.Fatal(err)
		}

		want := draw(i)
		if got.Bounds() != want.Bounds() {
			t.Fatalf("%s is %v: go run ./static/draw", i.name, got.Bounds())
		}
		for y := range i.size {
			for x := range i.size {
				if color.NRGBAModel.Convert(got.At(x, y)) != want.At(x, y) {
					t.Fatalf("%s differs at %d, %d: go run ./static/draw", i.name, x, y)
				}
			}
		}
	}
}

func TestMarkEqualsTheFavicon(t *testing.T) {
	svg, err := os.ReadFile("../icons/favicon.svg")
	if err != nil {
		t.Fatal(err)
	}
	half := func(c color.NRGBA, d string) string {
		return fmt.Sprintf(`<path fill="#%02x%02x%02x" d="%s"/>`, c.R, c.G, c.B, d)
	}
	for _, path := range []string{
		half(petrol, "M13.2 3.5v21H3.5V14a10.5 10.5 0 0 1 9.7-10.5z"),
		half(brass, "M14.8 24.5v-21a10.5 10.5 0 0 1 0 21z"),
	} {
		if !strings.Contains(string(svg), path) {
			t.Errorf("the favicon has no %s: adapt the drawing to the new mark", path)
		}
	}
}
