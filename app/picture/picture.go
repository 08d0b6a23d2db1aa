// Package picture turns an image file of a stranger into a small square JPEG that
// has nothing else of the file: no location, camera or comment.
package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"

	"golang.org/x/image/draw"
)

// Limits of a file that is accepted.
const (
	MaxBytes  = 5 << 20    // of the file
	MaxPixels = 16_000_000 // decoded, 4 bytes each: 64 MB
)

// MediaType is the type of what Square returns.
const MediaType = "image/jpeg"

// Side is the width and height in pixels of what Square returns.
const Side = 192

const quality = 88 // of the JPEG, from 1 to 100

// Errors that Square rejects a file with.
var (
	ErrEmpty         = errors.New("empty file")                        // no bytes
	ErrTooManyBytes  = errors.New("file exceeds MaxBytes")             // before decoding
	ErrTooManyPixels = errors.New("image exceeds MaxPixels")           // as its head states
	ErrDamaged       = errors.New("damaged image")                     // it can't be decoded
	ErrFormat        = errors.New("not a PNG, JPEG, GIF or WebP file") // by its first bytes
)

// Square returns the middle of an image as a JPEG of Side × Side pixels, upright and
// on white. The same file always gives the same bytes. It needs up to 128 MB while
// it runs, so callers bound how many run at once.
func Square(file []byte) ([]byte, error) {
	source, orientation, err := decode(file)
	if err != nil {
		return nil, err
	}

	var b bytes.Buffer
	err = jpeg.Encode(&b, rotate(crop(source), orientation), &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// crop scales the middle square of an image to Side × Side pixels, on white.
func crop(source image.Image) *image.RGBA {
	b := source.Bounds()
	side := min(b.Dx(), b.Dy())
	x, y := b.Min.X+(b.Dx()-side)/2, b.Min.Y+(b.Dy()-side)/2

	scaled := image.NewRGBA(image.Rect(0, 0, Side, Side))
	draw.Draw(scaled, scaled.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(scaled, scaled.Bounds(), source, image.Rect(x, y, x+side, y+side), draw.Over, nil)
	return scaled
}

// rotate turns a square image upright. orientation is Exif's, from 1 to 8
// (CIPA DC-008, 4.6.4); any other value means upright, like 1.
func rotate(source *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return source
	}

	const last = Side - 1
	upright := image.NewRGBA(source.Bounds())
	for y := range Side {
		for x := range Side {
			fromX, fromY := x, y
			if orientation >= 5 { // rows and columns are swapped
				fromX, fromY = y, x
			}
			switch orientation {
			case 2, 7, 3, 8:
				fromX = last - fromX
			}
			switch orientation {
			case 3, 4, 6, 7:
				fromY = last - fromY
			}
			upright.SetRGBA(x, y, source.RGBAAt(fromX, fromY))
		}
	}

	return upright
}
