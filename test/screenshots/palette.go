package main

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"slices"
)

// compress reduces a PNG to its 256 most frequent colours, which does not show on a page without
// photographs.
func compress(picture []byte) ([]byte, error) {
	from, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}

	bounds := from.Bounds()
	to := image.NewPaletted(bounds, frequentColours(from, 256))
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			to.Set(x, y, from.At(x, y))
		}
	}

	var compressed bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&compressed, to)
	return compressed.Bytes(), err
}

// frequentColours returns the n most frequent colours of a picture, in an order that depends on
// nothing else.
func frequentColours(picture image.Image, n int) color.Palette {
	counts := map[color.NRGBA]int{}
	bounds := picture.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)]++
		}
	}

	colours := make([]color.NRGBA, 0, len(counts))
	for c := range counts {
		colours = append(colours, c)
	}

	slices.SortFunc(colours, func(a, b color.NRGBA) int {
		return cmp.Or(
			cmp.Compare(counts[b], counts[a]),
			cmp.Compare(a.R, b.R),
			cmp.Compare(a.G, b.G),
			cmp.Compare(a.B, b.B),
		)
	})

	palette := make(color.Palette, 0, n)
	for _, c := range colours[:min(n, len(colours))] {
		palette = append(palette, c)
	}
	return palette
}
