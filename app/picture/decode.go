package picture

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/bep/imagemeta"
	"golang.org/x/image/webp"
)

// format is a file format that Square accepts.
type format struct {
	magic  string // the first bytes of a file; ? is any byte
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	meta   imagemeta.ImageFormat // 0: the format has no orientation
}

// formats are recognized by the first bytes of a file, never by its name or the
// media type that its sender states.
var formats = []format{
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode, imagemeta.PNG},
	{"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode, imagemeta.JPEG},
	{"GIF8?a", gif.DecodeConfig, gif.Decode, 0}, // the first frame
	{"RIFF????WEBPVP8", webp.DecodeConfig, webp.Decode, imagemeta.WebP},
}

// decode returns the image and its Exif orientation. It checks the limits before it
// allocates the pixels.
func decode(file []byte) (source image.Image, orientation int, err error) {
	if len(file) == 0 {
		return nil, 0, ErrEmpty
	}

	if len(file) > MaxBytes {
		return nil, 0, ErrTooManyBytes
	}

	for _, f := range formats {
		if !f.matches(file) {
			continue
		}
		config, err := f.config(bytes.NewReader(file))
		if err != nil || config.Width < 1 || config.Height < 1 {
			return nil, 0, ErrDamaged
		}
		if int64(config.Width)*int64(config.Height) > MaxPixels {
			return nil, 0, ErrTooManyPixels
		}
		source, err := f.decode(bytes.NewReader(file))
		if err != nil {
			return nil, 0, ErrDamaged
		}
		return source, f.orientation(file), nil
	}

	return nil, 0, ErrFormat
}

// matches reports whether a file begins with the magic bytes of the format.
func (f format) matches(file []byte) bool {
	if len(file) < len(f.magic) {
		return false
	}

	for i := range len(f.magic) {
		if f.magic[i] != '?' && file[i] != f.magic[i] {
			return false
		}
	}

	return true
}

// orientation reads the Exif orientation; 1, upright, when the file has none.
func (f format) orientation(file []byte) int {
	found := 1
	if f.meta == 0 {
		return found
	}

	// An error means that the orientation is not readable. The pixels were decoded
	// already, so the image counts as upright.
	_, _ = imagemeta.Decode(imagemeta.Options{
		R:            bytes.NewReader(file),
		ImageFormat:  f.meta,
		Sources:      imagemeta.EXIF,
		LimitNumTags: 200,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool {
			return t.Tag == "Orientation" && t.Namespace == "IFD0"
		},
		HandleTag: func(t imagemeta.TagInfo) error {
			if n, ok := t.Value.(uint16); ok && n >= 1 && n <= 8 {
				found = int(n)
			}
			return imagemeta.ErrStopWalking
		},
	})
	return found
}
