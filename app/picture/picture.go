// Package picture converts an untrusted image file into a small square JPEG without
// the file's metadata: no location, camera or comment.
//
// A file is decoded in a child process, whose memory and processor time are limited, so
// that a file that takes more than its header says ends that process alone.
package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"

	"golang.org/x/image/draw"
)

// Limits of the files that a Decoder accepts.
const (
	// MaxBytes is the size of a file.
	MaxBytes = 5 << 20
	// MaxPixels is the width times the height of an image.
	MaxPixels = 16_000_000
	// MaxMemory is the memory in bytes that decoding a file may need. A progressive JPEG of
	// MaxPixels with three components needs less, and one with four components more.
	MaxMemory = 288 << 20

	// maxScans is the number of scans of a progressive JPEG. Encoders write about 10, and each
	// costs time for every pixel, however small it is. A baseline JPEG has one, or one for
	// each component.
	maxScans = 40
)

// MediaType is the media type of the pictures that a Decoder returns.
const MediaType = "image/jpeg"

// Side is the width and height, in pixels, of the pictures that a Decoder returns.
const Side = 192

const quality = 88 // of the JPEG encoder, from 1 to 100

// Errors of Decoder.Square, one for each reason to reject a file.
var (
	// ErrEmpty reports a file of 0 bytes.
	ErrEmpty = errors.New("empty file")
	// ErrTooManyBytes reports a file that is larger than MaxBytes.
	ErrTooManyBytes = errors.New("file exceeds MaxBytes")
	// ErrTooManyPixels reports an image with more than MaxPixels, according to its header.
	ErrTooManyPixels = errors.New("image exceeds MaxPixels")
	// ErrTooCostly reports an image whose decoding takes too much memory or time.
	ErrTooCostly = errors.New("image takes too much memory or time")
	// ErrDamaged reports a file of a known format that cannot be decoded.
	ErrDamaged = errors.New("damaged image")
	// ErrFormat reports a file whose first bytes are of no known format.
	ErrFormat = errors.New("not a PNG, JPEG, GIF or WebP file")
)

// square returns the middle square of an image as a JPEG of Side × Side pixels, upright
// and on white. The result depends on the file alone, so it can be compared byte by byte.
// Only the child calls it.
func square(file []byte) ([]byte, error) {
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
	square := middle(source.Bounds())
	if factor := square.Dx() / (2 * Side); factor > 1 {
		source = reduce(source, square, factor)
		square = source.Bounds()
	}

	scaled := image.NewRGBA(image.Rect(0, 0, Side, Side))
	draw.Draw(scaled, scaled.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(scaled, scaled.Bounds(), source, square, draw.Over, nil)
	return scaled
}

// middle is the square in the middle of a rectangle.
func middle(r image.Rectangle) image.Rectangle {
	side := min(r.Dx(), r.Dy())
	x, y := r.Min.X+(r.Dx()-side)/2, r.Min.Y+(r.Dy()-side)/2
	return image.Rect(x, y, x+side, y+side)
}

// reduce divides the sides of a square by factor: each pixel is the mean of factor × factor
// others. CatmullRom alone reads each pixel four times, which is slow for a large image.
func reduce(source image.Image, square image.Rectangle, factor int) *image.RGBA {
	side := square.Dx() / factor
	small := image.NewRGBA(image.Rect(0, 0, side, side))
	strip := image.NewRGBA(image.Rect(0, 0, side*factor, factor))
	sums := make([]int, 4*side) // of a row of small

	for y := range side {
		draw.Draw(strip, strip.Bounds(), source, square.Min.Add(image.Pt(0, y*factor)), draw.Src)
		clear(sums)

		for at := 0; at < len(strip.Pix); {
			for x := 0; x < len(sums); x += 4 {
				for range factor {
					sums[x] += int(strip.Pix[at])
					sums[x+1] += int(strip.Pix[at+1])
					sums[x+2] += int(strip.Pix[at+2])
					sums[x+3] += int(strip.Pix[at+3])
					at += 4
				}
			}
		}

		for i, sum := range sums {
			small.Pix[y*small.Stride+i] = byte(sum / (factor * factor))
		}
	}

	return small
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
