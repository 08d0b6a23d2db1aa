package chat

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/bep/imagemeta"
	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// Limits of a picture as it comes, and its side in pixels as it is kept.
const (
	MaxPictureBytes  = 5 << 20
	maxPicturePixels = 16_000_000
	pictureSide      = 192
	pictureQuality   = 88
)

// formats are told by what a file begins with, never by its name or what its sender calls it.
var formats = []struct {
	magic  string // ? is any byte
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	meta   imagemeta.ImageFormat // where the orientation is read; 0: nowhere
}{
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode, imagemeta.PNG},
	{"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode, imagemeta.JPEG},
	{"GIF8?a", gif.DecodeConfig, gif.Decode, 0}, // its first frame
	{"RIFF????WEBPVP8", webp.DecodeConfig, webp.Decode, imagemeta.WebP},
}

// NewPicture makes a square JPEG of an image: its middle, upright, on white, and without anything else that the file said (places, cameras,
// comments). What is no image of ours is an Invalid error for the field picture.
func NewPicture(file []byte) (Picture, error) {
	if len(file) == 0 {
		return Picture{}, Invalid("picture", "Choose a picture first.")
	}
	if len(file) > MaxPictureBytes {
		return Picture{}, Invalid("picture", fmt.Sprintf("A picture can have %d MB; this one has more.", MaxPictureBytes>>20))
	}
	for _, f := range formats {
		if !matches(file, f.magic) {
			continue
		}
		config, err := f.config(bytes.NewReader(file))
		if err != nil || config.Width < 1 || config.Height < 1 {
			return Picture{}, Invalid("picture", "This picture is damaged. Try another.")
		}
		if int64(config.Width)*int64(config.Height) > maxPicturePixels {
			return Picture{}, Invalid("picture", fmt.Sprintf("A picture can have %d million pixels; this one has more.", maxPicturePixels/1_000_000))
		}
		source, err := f.decode(bytes.NewReader(file))
		if err != nil {
			return Picture{}, Invalid("picture", "This picture is damaged. Try another.")
		}
		return encode(square(source, orientation(file, f.meta)))
	}
	return Picture{}, Invalid("picture", "This isn’t a picture that can be read here. PNG, JPEG, GIF and WebP can.")
}

func matches(file []byte, magic string) bool {
	if len(file) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && file[i] != magic[i] {
			return false
		}
	}
	return true
}

// square scales the middle of an image and turns it upright. Orientation is Exif's: 1 to 8 (CIPA DC-008, 4.6.4).
func square(source image.Image, orientation int) image.Image {
	b := source.Bounds()
	side := min(b.Dx(), b.Dy())
	x, y := b.Min.X+(b.Dx()-side)/2, b.Min.Y+(b.Dy()-side)/2
	scaled := image.NewRGBA(image.Rect(0, 0, pictureSide, pictureSide))
	draw.Draw(scaled, scaled.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(scaled, scaled.Bounds(), source, image.Rect(x, y, x+side, y+side), draw.Over, nil)
	if orientation < 2 || orientation > 8 {
		return scaled
	}
	const last = pictureSide - 1
	upright := image.NewRGBA(scaled.Bounds())
	for y := range pictureSide {
		for x := range pictureSide {
			fromX, fromY := x, y
			if orientation >= 5 { // rows are columns
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
			upright.SetRGBA(x, y, scaled.RGBAAt(fromX, fromY))
		}
	}
	return upright
}

// orientation is how the camera was held; 1, upright, when the file doesn't say.
func orientation(file []byte, format imagemeta.ImageFormat) int {
	found := 1
	if format == 0 {
		return found
	}
	// An error means that there is no orientation to be read; the picture itself was decoded.
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(file), ImageFormat: format, Sources: imagemeta.EXIF, LimitNumTags: 200,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Tag == "Orientation" && t.Namespace == "IFD0" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if n, ok := t.Value.(uint16); ok && n >= 1 && n <= 8 {
				found = int(n)
			}
			return imagemeta.ErrStopWalking
		},
	})
	return found
}

func encode(m image.Image) (Picture, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: pictureQuality}); err != nil {
		return Picture{}, err
	}
	sum := sha256.Sum256(b.Bytes())
	return Picture{Hash: hex.EncodeToString(sum[:]), MediaType: "image/jpeg", Content: b.Bytes()}, nil
}
