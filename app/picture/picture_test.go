package picture_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"

	"parley/app/picture"
)

// quarters is an image that is red at the top left, green at the top right, blue at
// the bottom left and black at the bottom right.
func quarters(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, quarter(x < w/2, y < h/2))
		}
	}
	return m
}

func quarter(left, top bool) color.RGBA {
	switch {
	case left && top:
		return color.RGBA{255, 0, 0, 255}
	case top:
		return color.RGBA{0, 255, 0, 255}
	case left:
		return color.RGBA{0, 0, 255, 255}
	}

	return color.RGBA{0, 0, 0, 255}
}

func encoded(t *testing.T, encode func(b *bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// corners names the colours of a JPEG's four corners, a letter for each: w, r, g, b
// or k for black.
func corners(t *testing.T, content []byte) string {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(content))
	if err != nil || m.Bounds() != image.Rect(0, 0, 192, 192) {
		t.Fatalf("image %v, error %v", m, err)
	}

	var b strings.Builder
	for _, at := range []image.Point{{20, 20}, {170, 20}, {20, 170}, {170, 170}} {
		r, g, bl, _ := m.At(at.X, at.Y).RGBA()
		switch high := func(v uint32) bool { return v > 0x8000 }; {
		case high(r) && high(g) && high(bl):
			b.WriteByte('w')
		case high(r):
			b.WriteByte('r')
		case high(g):
			b.WriteByte('g')
		case high(bl):
			b.WriteByte('b')
		default:
			b.WriteByte('k')
		}
	}

	return b.String()
}

// rotated is a JPEG whose Exif block has an orientation and a text.
func rotated(t *testing.T, orientation uint16) []byte {
	file := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, quarters(64, 64), nil) })

	var tiff bytes.Buffer
	tiff.WriteString("Exif\x00\x00MM\x00*\x00\x00\x00\x08")
	for _, v := range []any{uint16(2), // entries: tag, type, count, value
		uint16(0x010e), uint16(2), uint32(4), [4]byte{'a', 't', '!', 0},
		uint16(0x0112), uint16(3), uint32(1), orientation, uint16(0),
		uint32(0)} {
		_ = binary.Write(&tiff, binary.BigEndian, v)
	}

	length := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(tiff.Len()+2))
	return bytes.Join([][]byte{file[:2], length, tiff.Bytes(), file[2:]}, nil)
}

func encodedPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) })
}

func encodedGIF(t *testing.T, m image.Image) []byte {
	t.Helper()
	return encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, m, nil) })
}

func TestSquareIsUprightAndHasNoMetadata(t *testing.T) {
	webp, err := base64.StdEncoding.DecodeString("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQAA3AA/vuUAAA=")
	if err != nil {
		t.Fatal(err)
	}

	for name, tt := range map[string]struct {
		file []byte
		want string // corners; "": not checked
	}{
		"png":                 {encodedPNG(t, quarters(300, 300)), "rgbk"},
		"wide":                {encodedPNG(t, quarters(900, 30)), "rgbk"},
		"tall":                {encodedPNG(t, quarters(3, 900)), ""},
		"transparent":         {encodedPNG(t, image.NewNRGBA(image.Rect(0, 0, 9, 9))), "wwww"},
		"gif":                 {encodedGIF(t, quarters(50, 50)), "rgbk"},
		"jpeg":                {rotated(t, 1), "rgbk"},
		"mirrored":            {rotated(t, 2), "grkb"},
		"upside down":         {rotated(t, 3), "kbgr"},
		"flipped":             {rotated(t, 4), "bkrg"},
		"transposed":          {rotated(t, 5), "rbgk"},
		"turned":              {rotated(t, 6), "brkg"},
		"transversed":         {rotated(t, 7), "kgbr"},
		"turned back":         {rotated(t, 8), "gkrb"},
		"unknown orientation": {rotated(t, 9), "rgbk"},
		"webp":                {webp, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := square(t, tt.file)
			if err != nil {
				t.Fatal(err)
			}

			if got := corners(t, got); tt.want != "" && got != tt.want {
				t.Errorf("corners %s, want %s", got, tt.want)
			}

			if bytes.Contains(got, []byte("Exif")) || bytes.Contains(got, []byte("at!")) {
				t.Errorf("the picture contains metadata of the file: %q", got[:40])
			}

			if again, err := square(t, tt.file); err != nil || !bytes.Equal(again, got) {
				t.Errorf("a second call with the same file returns other bytes, error %v", err)
			}
		})
	}
}

// bomb is a small PNG file that states a huge size.
func bomb(w, h uint32) []byte {
	ihdr := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	ihdr = append(ihdr, 8, 6, 0, 0, 0)
	file := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(ihdr))
}

func TestSquareRejects(t *testing.T) {
	const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	whole := encodedPNG(t, quarters(300, 300))

	for name, tt := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":         {nil, picture.ErrEmpty},
		"text":            {[]byte("hello"), picture.ErrFormat},
		"markup":          {[]byte(svg), picture.ErrFormat},
		"a page":          {[]byte("<!DOCTYPE html><html></html>"), picture.ErrFormat},
		"cut off":         {whole[:len(whole)/2], picture.ErrDamaged},
		"only a head":     {whole[:10], picture.ErrDamaged},
		"too many pixels": {bomb(50_000, 50_000), picture.ErrTooManyPixels},
		"overflow":        {bomb(1<<31-1, 1<<31-1), picture.ErrTooManyPixels},
		"no such size":    {bomb(1<<32-1, 1<<32-1), picture.ErrDamaged},
		"16 million + 1":  {bomb(16_000_001, 1), picture.ErrTooManyPixels},
		"no pixels":       {bomb(0, 0), picture.ErrDamaged},
		"too many bytes":  {append(bytes.Clone(whole), make([]byte, 5<<20)...), picture.ErrTooManyBytes},
		"half a jpeg":     {rotated(t, 6)[:200], picture.ErrDamaged},
		"half a webp":     {[]byte("RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00"), picture.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := square(t, tt.file); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func FuzzSquare(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte("GIF89a"))
	f.Add(bomb(3, 3))
	expected := []error{
		nil,
		picture.ErrEmpty,
		picture.ErrTooManyBytes,
		picture.ErrTooManyPixels,
		picture.ErrTooCostly,
		picture.ErrDamaged,
		picture.ErrFormat,
	}

	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := square(t, file); !slices.Contains(expected, err) {
			t.Error(err)
		}
	})
}

func square(t *testing.T, file []byte) ([]byte, error) {
	return picture.NewDecoder().Square(t.Context(), file)
}
