package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"

	"golang.org/x/image/webp"
)

// Sizes of the parts of a WebP file (RFC 9649).
const (
	webpHeader  = 12 // "RIFF", size, "WEBP"
	chunkHeader = 8  // name, size
	frameHeader = 16 // of ANMF: position, size, duration, flags
)

var errNoFrame = errors.New("no frame in an animated WebP file")

// decodeWebP decodes a WebP file; of an animated one, which package webp can't read, the
// first frame.
func decodeWebP(r io.Reader) (image.Image, error) {
	file, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}

	if isAnimated(file) {
		if file, err = firstFrame(file); err != nil {
			return nil, err
		}
	}

	return webp.Decode(bytes.NewReader(file))
}

// isAnimated reports whether the first chunk is VP8X with the flag of an animation.
func isAnimated(file []byte) bool {
	const flags, animation = webpHeader + chunkHeader, 1 << 1
	return len(file) > flags && string(file[webpHeader:webpHeader+4]) == "VP8X" && file[flags]&animation != 0
}

// firstFrame returns the first frame of an animated WebP file as a file of its own.
func firstFrame(file []byte) ([]byte, error) {
	name, chunk, rest := nextChunk(file[webpHeader:])
	for name != "ANMF" {
		if name == "" {
			return nil, errNoFrame
		}
		name, chunk, rest = nextChunk(rest)
	}

	if len(chunk) < frameHeader {
		return nil, errNoFrame
	}

	size, frame := chunk[6:12], chunk[frameHeader:]
	body := []byte("WEBP")
	if name, _, _ := nextChunk(frame); name == "ALPH" {
		const transparency = 1 << 4
		body = append(append(body, "VP8X\x0a\x00\x00\x00"...), transparency, 0, 0, 0)
		body = append(body, size...)
	}

	body = append(body, frame...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...), nil
}

// nextChunk splits a list of chunks after its first one. The name is "" at the end.
func nextChunk(list []byte) (name string, chunk, rest []byte) {
	if len(list) < chunkHeader {
		return "", nil, nil
	}

	n := uint64(binary.LittleEndian.Uint32(list[4:]))
	body := list[chunkHeader:]
	if n > uint64(len(body)) {
		return "", nil, nil
	}

	padded := min(n+n%2, uint64(len(body)))
	return string(list[:4]), body[:n], body[padded:]
}
