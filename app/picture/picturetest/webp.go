package picturetest

import (
	"bytes"
	"encoding/binary"
)

// Flags of the header of an extended WebP file (RFC 9649).
const (
	webpAnimation    = 1 << 1
	webpTransparency = 1 << 4
)

func worstWebPs() []File {
	return []File{
		{"webp, lossless", WebP(WebPChunk("VP8L", Lossless(side, side, true)))},
		{"webp, transparent", TransparentWebP(side, side)},
	}
}

// WebPChunk is a chunk of a WebP file.
func WebPChunk(name string, content []byte) []byte {
	file := append(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(content))), content...)
	if len(content)%2 == 1 {
		file = append(file, 0)
	}
	return file
}

// WebP is a file of chunks.
func WebP(chunks ...[]byte) []byte {
	return WebPChunk("RIFF", append([]byte("WEBP"), bytes.Join(chunks, nil)...))
}

// TransparentWebP is a lossy image that breaks off after its compressed transparency, which
// costs the most memory.
func TransparentWebP(w, h int) []byte {
	const compressed, filtered = 1, 3 << 2
	alpha := append([]byte{compressed | filtered}, Lossless(w, h, true)[5:]...)
	return WebP(extended(webpTransparency, w, h), WebPChunk("ALPH", alpha), WebPChunk("VP8 ", make([]byte, 20)))
}

// AnimatedWebP has frames of the given chunks, each as large as the image.
func AnimatedWebP(w, h int, frames ...[]byte) []byte {
	chunks := [][]byte{extended(webpAnimation|webpTransparency, w, h), WebPChunk("ANIM", make([]byte, 6))}
	for _, f := range frames {
		head := bytes.Join([][]byte{make([]byte, 6), uint24(w - 1), uint24(h - 1), make([]byte, 4)}, nil)
		chunks = append(chunks, WebPChunk("ANMF", append(head, f...)))
	}
	return WebP(chunks...)
}

// extended is the VP8X chunk.
func extended(flags byte, w, h int) []byte {
	return WebPChunk("VP8X", bytes.Join([][]byte{{flags, 0, 0, 0}, uint24(w - 1), uint24(h - 1)}, nil))
}

func uint24(n int) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16)} }

// Lossless is an image of one color, red without transforms: the content of a VP8L chunk. With
// transforms it has all that cost time for each pixel.
func Lossless(w, h int, transforms bool) []byte {
	b := &bitWriter{}
	b.write(0x2f, 8)
	b.write(w-1, 14)
	b.write(h-1, 14)
	b.write(0, 4)

	if transforms {
		for _, kind := range []int{0, 1} { // predictor and color, in blocks of 4 × 4 pixels
			b.write(1, 1)
			b.write(kind, 2)
			b.write(0, 3)
			b.write(0, 1) // no color cache
			b.codes(11, 0)
		}
		b.write(1, 1)
		b.write(2, 2) // subtract green
	}

	b.write(0, 1) // no other transform
	b.write(0, 1) // no color cache
	b.write(0, 1) // one group of codes
	b.codes(0, 200)
	return b.bytes
}

// bitWriter writes the least significant bit first.
type bitWriter struct {
	bytes []byte
	n     int
}

func (b *bitWriter) write(value, bits int) {
	for i := range bits {
		if b.n%8 == 0 {
			b.bytes = append(b.bytes, 0)
		}
		b.bytes[b.n/8] |= byte(value>>i&1) << (b.n % 8)
		b.n++
	}
}

// codes writes five codes of one symbol each, so that no pixel needs a bit: green, red, blue,
// alpha, distance.
func (b *bitWriter) codes(green, red int) {
	for _, symbol := range []int{green, red, 0, 255, 0} {
		b.write(1, 1) // a simple code
		b.write(0, 1) // of one symbol
		b.write(1, 1) // of 8 bits
		b.write(symbol, 8)
	}
}
