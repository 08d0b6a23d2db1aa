package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/png"
	"io"
	"math"
	"slices"
)

// Sizes of the parts of a PNG file.
const (
	pngHeader   = 8  // the magic bytes
	pngChunk    = 12 // of a chunk, beside its content: length, name, checksum
	pngNameFrom = 4  // of a chunk
	pngFirst    = 13 // the content of IHDR, which is the first chunk
)

var errNoHeader = errors.New("no IHDR chunk begins the PNG file")

// pngConfig reads the size from the first chunk. Package png would read on to the palette, in the
// way that decodePNG avoids.
func pngConfig(r io.Reader) (c image.Config, err error) {
	var head [pngHeader + pngChunk + pngFirst]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return c, err
	}

	chunk := head[pngHeader:]
	w, h := binary.BigEndian.Uint32(chunk[8:]), binary.BigEndian.Uint32(chunk[12:])
	if binary.BigEndian.Uint32(chunk) != pngFirst || string(chunk[pngNameFrom:8]) != "IHDR" ||
		max(w, h) > math.MaxInt32 {
		return c, errNoHeader
	}
	return image.Config{Width: int(w), Height: int(h)}, nil
}

// pngChunks are the chunks that concern pixels.
var pngChunks = []string{"IHDR", "PLTE", "tRNS", "IDAT", "IEND"}

// decodePNG decodes a PNG file without its other chunks. Package png allocates 4 KiB for each one
// that it skips: 1.2 GB for the 300,000 comments that a file can have.
func decodePNG(r io.Reader) (image.Image, error) {
	file, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}

	plain, rest := file[:pngHeader:pngHeader], file[pngHeader:]
	for len(rest) >= pngChunk {
		size := min(uint64(binary.BigEndian.Uint32(rest))+pngChunk, uint64(len(rest)))
		if slices.Contains(pngChunks, string(rest[pngNameFrom:pngNameFrom+4])) {
			plain = append(plain, rest[:size]...)
		}
		rest = rest[size:]
	}

	return png.Decode(bytes.NewReader(append(plain, rest...)))
}
