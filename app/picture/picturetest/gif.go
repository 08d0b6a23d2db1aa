package picturetest

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
)

func worstGIFs() []File {
	return []File{{"gif, interlaced", GIF(side, side)}}
}

// GIF is an interlaced image of one color.
func GIF(w, h int) []byte {
	var b bytes.Buffer
	m := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Black, color.White})
	if err := gif.Encode(&b, m, nil); err != nil {
		panic(err) // a buffer takes everything, and the image is one that gif accepts
	}

	const interlaced = 0x40
	file := b.Bytes()
	descriptor := []byte{0x2c, 0, 0, 0, 0, byte(w), byte(w >> 8), byte(h), byte(h >> 8)}
	file[bytes.Index(file, descriptor)+len(descriptor)] |= interlaced
	return file
}
