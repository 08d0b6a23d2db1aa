package picture_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"slices"
	"sync"
	"testing"

	"parley/app/picture"
	"parley/app/picture/picturetest"
)

// TestWorstFiles: the costliest file of each format is decoded within the limits, or refused.
func TestWorstFiles(t *testing.T) {
	decoder := picture.NewDecoder()
	accepted := 0
	for _, f := range picturetest.Worst() {
		if len(f.Content) > picture.MaxBytes {
			t.Errorf("%s: the test's file has %d bytes", f.Name, len(f.Content))
		}

		want := []error{nil, picture.ErrTooCostly}
		switch f.Name {
		case "jpeg, progressive, 1,000 scans", "jpeg, baseline, 30 scans", "jpeg, progressive, CMYK":
			want = []error{picture.ErrTooCostly}
		case "webp, transparent":
			want = []error{picture.ErrDamaged, picture.ErrTooCostly} // by its end, after the costs
		}

		_, err := decoder.Square(t.Context(), f.Content)
		for errors.Is(err, picture.ErrBusy) { // the machine has other work
			_, err = decoder.Square(t.Context(), f.Content)
		}
		if !slices.Contains(want, err) {
			t.Errorf("%s: got %v, want one of %v", f.Name, err, want)
		}
		if err == nil {
			accepted++
		}
	}

	if accepted == 0 {
		t.Error("no file was decoded: the limits refuse all large pictures")
	}
}

// TestAnimatedFilesAreTheirFirstFrame, WebP like GIF.
func TestAnimatedFilesAreTheirFirstFrame(t *testing.T) {
	lossy, err := base64.StdEncoding.DecodeString("MAEAnQEqAQABAAIANCWkAANwAP77lAAA")
	if err != nil {
		t.Fatal(err)
	}
	red := picturetest.WebPChunk("VP8L", picturetest.Lossless(30, 30, false))
	none := picturetest.WebPChunk("VP8L", []byte("\x2f\x00"))
	pixel := picturetest.WebPChunk("VP8 ", lossy)
	translucent := append(picturetest.WebPChunk("ALPH", []byte{0, 255}), pixel...)

	palette := color.Palette{color.White, color.RGBA{255, 0, 0, 255}}
	frames := &gif.GIF{Delay: []int{1, 1}}
	for i := range 2 {
		m := image.NewPaletted(image.Rect(0, 0, 9, 9), palette)
		for at := range m.Pix {
			m.Pix[at] = uint8(1 - i)
		}
		frames.Image = append(frames.Image, m)
	}
	redGIF := encoded(t, func(b *bytes.Buffer) error { return gif.EncodeAll(b, frames) })

	for name, tt := range map[string]struct {
		file []byte
		want string // corners; "": not checked
		err  error
	}{
		"gif":                     {redGIF, "rrrr", nil},
		"webp, lossless":          {picturetest.AnimatedWebP(30, 30, red, none), "rrrr", nil},
		"webp, lossy":             {picturetest.AnimatedWebP(1, 1, pixel), "", nil},
		"webp, transparent":       {picturetest.AnimatedWebP(1, 1, translucent), "", nil},
		"webp, first one damaged": {picturetest.AnimatedWebP(30, 30, none, red), "", picture.ErrDamaged},
		"webp, no frame":          {picturetest.AnimatedWebP(30, 30), "", picture.ErrDamaged},
	} {
		got, err := square(t, tt.file)
		if !errors.Is(err, tt.err) {
			t.Errorf("%s: got %v, want %v", name, err, tt.err)
		}
		if tt.want != "" && err == nil && corners(t, got) != tt.want {
			t.Errorf("%s: corners %s, want %s", name, corners(t, got), tt.want)
		}
	}
}

// TestOrdinaryPicturesPassCostlyOnes: an ordinary picture does not wait behind costly ones.
func TestOrdinaryPicturesPassCostlyOnes(t *testing.T) {
	decoder := picture.NewDecoder()
	costly := picturetest.WebP(picturetest.WebPChunk("VP8L", picturetest.Lossless(4000, 4000, true)))
	ordinary := encodedPNG(t, quarters(300, 300))

	ctx, leave := context.WithCancel(t.Context())
	var others sync.WaitGroup
	ended := make(chan error, 16)
	for range cap(ended) {
		others.Go(func() {
			_, err := decoder.Square(ctx, costly)
			ended <- err
		})
	}

	for range 3 {
		if _, err := decoder.Square(t.Context(), ordinary); err != nil {
			t.Error(err)
		}
	}

	if len(ended) == cap(ended) {
		t.Error("all costly files were decoded before the ordinary ones: the test shows nothing")
	}

	// The end of a request frees its slot.
	leave()
	others.Wait()
	if _, err := decoder.Square(t.Context(), costly); err != nil && !errors.Is(err, picture.ErrTooCostly) {
		t.Errorf("after the others left: %v", err)
	}
}

// TestMetadataIsSkipped: large profiles and comments cost their bytes and no more.
func TestMetadataIsSkipped(t *testing.T) {
	whole := encodedPNG(t, quarters(300, 300))
	bomb := picturetest.Deflated(make([]byte, 64<<20))
	text := picturetest.PNGChunk("zTXt", append([]byte("Comment\x00\x00"), bomb...))
	profile := picturetest.PNGChunk("iCCP", append([]byte("profile\x00\x00"), bomb...))
	file := bytes.Join([][]byte{whole[:33], text, profile, whole[33:]}, nil)

	if got, err := square(t, file); err != nil || corners(t, got) != "rgbk" {
		t.Errorf("got %v", err)
	}
}

// TestMegapixelsAreUpright: large images are reduced before they are scaled.
func TestMegapixelsAreUpright(t *testing.T) {
	m := quarters(1600, 1600)
	for name, file := range map[string][]byte{"png": encodedPNG(t, m), "gif": encodedGIF(t, m)} {
		if got, err := square(t, file); err != nil || corners(t, got) != "rgbk" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
