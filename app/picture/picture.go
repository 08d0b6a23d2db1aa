// Package picture converts an untrusted image file into a small square JPEG without
// the file's metadata: no location, camera or comment.
package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"

	"golang.org/x/image/draw"
)

// Limits of the files that Square accepts.
const (
	// MaxBytes is the size of a file.
	MaxBytes = 5 << 20
	// MaxPixels is the width times the height of an image. It bounds the memory of a
	// decoded image to 64 MB, because a pixel has 4 bytes.
	MaxPixels = 16_000_000
)

// MediaType is the media type of the pictures that Square returns.
const MediaType = "image/jpeg"

// Side is the width and height, in pixels, of the pictures that Square returns.
const Side = 192

const quality = 88 // of the JPEG encoder, from 1 to 100

// Errors of Square, one for each reason to reject a file.
var (
	// ErrEmpty reports a file of 0 bytes.
	ErrEmpty = errors.New("empty file")
	// ErrTooManyBytes reports a file that is larger than MaxBytes.
	ErrTooManyBytes = errors.New("file exceeds MaxBytes")
	// ErrTooManyPixels reports an image with more than MaxPixels, according to its header.
	ErrTooManyPixels = errors.New("image exceeds MaxPixels")
	// ErrDamaged reports a file of a known format that cannot be decoded.
	ErrDamaged = errors.New("damaged image")
	// ErrFormat reports a file whose first bytes are of no known format.
	ErrFormat = errors.New("not a PNG, JPEG, GIF or WebP file")
)

// Square returns the middle square of an image as a JPEG of Side × Side pixels,
// upright and on white. The result depends on the file alone, so it can be compared
// byte by byte. Square allocates up to 128 MB, so callers bound the concurrent calls.
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

// rotate returns a square image upright. orientation is the value of Exif, from 1 to 8
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
