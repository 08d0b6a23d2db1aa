package picture

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"io"

	"github.com/bep/imagemeta"
	"golang.org/x/image/webp"
)

// format is a file format that a Decoder accepts.
type format struct {
	magic  string // the first bytes of a file; ? is any byte
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	meta   imagemeta.ImageFormat                            // 0: the format has no orientation
	memory func(file []byte, c image.Config) (int64, error) // of decode, in bytes
}

// formats are recognized by the first bytes of a file, never by its name or the
// media type that its sender states.
var formats = []format{
	{"\x89PNG\r\n\x1a\n", pngConfig, decodePNG, imagemeta.PNG, pngMemory},
	{"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode, imagemeta.JPEG, jpegMemory},
	{"GIF8?a", gif.DecodeConfig, gif.Decode, 0, gifMemory}, // the first frame
	{"RIFF????WEBPVP8", webp.DecodeConfig, decodeWebP, imagemeta.WebP, webpMemory},
}

// inspect checks the limits by the header of a file, and returns the memory in bytes that
// its decoding and scaling need. It decodes nothing.
func inspect(file []byte) (f format, memory int64, err error) {
	switch {
	case len(file) == 0:
		return f, 0, ErrEmpty
	case len(file) > MaxBytes:
		return f, 0, ErrTooManyBytes
	}

	for _, f := range formats {
		if !f.matches(file) {
			continue
		}

		c, err := f.config(bytes.NewReader(file))
		if err != nil || c.Width < 1 || c.Height < 1 {
			return f, 0, ErrDamaged
		}

		if int64(c.Width)*int64(c.Height) > MaxPixels {
			return f, 0, ErrTooManyPixels
		}

		memory, err := f.memory(file, c)
		if err != nil {
			return f, 0, err
		}

		if memory += scalingMemory + 2*int64(len(file)); memory > MaxMemory {
			return f, 0, ErrTooCostly
		}

		return f, memory, nil
	}

	return f, 0, ErrFormat
}

// decode returns the image and its Exif orientation.
func decode(file []byte) (source image.Image, orientation int, err error) {
	f, _, err := inspect(file)
	if err != nil {
		return nil, 0, err
	}

	source, err = f.decode(bytes.NewReader(file))
	if err != nil {
		return nil, 0, ErrDamaged
	}

	return source, f.orientation(file), nil
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
