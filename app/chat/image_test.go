package chat_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"parley/app/chat"
)

// quarters is an image whose top left is red, top right green, bottom left blue, bottom right black.
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

// corners tells the colours of a picture's four corners, as letters.
func corners(t *testing.T, p chat.Picture) string {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(p.Content))
	if err != nil || m.Bounds() != image.Rect(0, 0, 192, 192) {
		t.Fatalf("%v, %v", m, err)
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

// held is a JPEG whose Exif block says how the camera was held, and where it was.
func held(t *testing.T, orientation uint16) []byte {
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

func TestPicturesAreSquareUprightAndBare(t *testing.T) {
	webp, err := base64.StdEncoding.DecodeString("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQAA3AA/vuUAAA=")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		file []byte
		want string
	}{
		"png":         {encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, quarters(300, 300)) }), "rgbk"},
		"wide":        {encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, quarters(900, 30)) }), "rgbk"},
		"tall":        {encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, quarters(3, 900)) }), ""},
		"transparent": {encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, image.NewNRGBA(image.Rect(0, 0, 9, 9))) }), "wwww"},
		"gif":         {encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, quarters(50, 50), nil) }), "rgbk"},
		"jpeg":        {held(t, 1), "rgbk"},
		"mirrored":    {held(t, 2), "grkb"},
		"upside down": {held(t, 3), "kbgr"},
		"flipped":     {held(t, 4), "bkrg"},
		"transposed":  {held(t, 5), "rbgk"},
		"turned":      {held(t, 6), "brkg"},
		"transversed": {held(t, 7), "kgbr"},
		"turned back": {held(t, 8), "gkrb"},
		"no such way": {held(t, 9), "rgbk"},
		"webp":        {webp, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := chat.NewPicture(tt.file)
			if err != nil {
				t.Fatal(err)
			}
			if got := corners(t, p); tt.want != "" && got != tt.want {
				t.Errorf("corners %s, want %s", got, tt.want)
			}
			if p.MediaType != "image/jpeg" || len(p.Hash) != 64 || bytes.Contains(p.Content, []byte("Exif")) || bytes.Contains(p.Content, []byte("at!")) {
				t.Errorf("%s %s, with what the file said: %q", p.MediaType, p.Hash, p.Content[:40])
			}
			if again, err := chat.NewPicture(tt.file); err != nil || again.Hash != p.Hash {
				t.Errorf("the same picture has another name: %v", err)
			}
		})
	}
}

// bomb is a small PNG that says it is huge.
func bomb(w, h uint32) []byte {
	ihdr := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	ihdr = append(ihdr, 8, 6, 0, 0, 0)
	file := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(ihdr))
}

func TestPicturesThatAreNone(t *testing.T) {
	whole := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, quarters(300, 300)) })
	for name, tt := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":         {nil, "Choose a picture"},
		"text":            {[]byte("hello"), "isn’t a picture"},
		"markup":          {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "isn’t a picture"},
		"a page":          {[]byte("<!DOCTYPE html><html></html>"), "isn’t a picture"},
		"cut off":         {whole[:len(whole)/2], "damaged"},
		"only a head":     {whole[:10], "damaged"},
		"too many pixels": {bomb(50_000, 50_000), "million pixels"},
		"overflowing":     {bomb(1<<31-1, 1<<31-1), "damaged"},
		"16 million + 1":  {bomb(16_000_001, 1), "million pixels"},
		"no pixels":       {bomb(0, 0), "damaged"},
		"too many bytes":  {append(bytes.Clone(whole), make([]byte, 5<<20)...), "5 MB"},
		"half a jpeg":     {held(t, 6)[:200], "damaged"},
		"half a webp":     {[]byte("RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00"), "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := chat.NewPicture(tt.file)
			e, ok := err.(*chat.Error)
			if !ok || e.Kind != chat.KindInvalid || e.Field != "picture" || !strings.Contains(e.Detail, tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzNewPicture(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte("GIF89a"))
	f.Add(bomb(3, 3))
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := chat.NewPicture(file); err != nil && chat.KindOf(err) != chat.KindInvalid {
			t.Error(err)
		}
	})
}
