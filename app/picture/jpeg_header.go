package picture

import (
	"bytes"
	"encoding/binary"
	"image"
)

// jpegHeader is what decides the cost of a JPEG.
type jpegHeader struct {
	progressive bool
	rgb         bool     // the components are red, green and blue
	sampling    [][2]int // of each component: horizontal, vertical
	scans       int
}

// Markers of a JPEG (ITU T.81, table B.1).
const (
	markerSOF0  = 0xc0 // baseline
	markerSOF2  = 0xc2 // progressive
	markerRST0  = 0xd0
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP14 = 0xee // of Adobe: how colors are stored
)

// readJPEG reads all markers of a file. It returns ErrDamaged without a frame header.
func readJPEG(file []byte) (h jpegHeader, err error) {
	for rest := file[2:]; ; {
		marker, segment, after, ok := nextSegment(rest)
		if !ok || marker == markerEOI {
			break
		}
		rest = after

		switch {
		case marker == markerSOS:
			h.scans++
		case marker >= markerSOF0 && marker <= markerSOF2:
			h.progressive = h.progressive || marker == markerSOF2
			h.readFrame(segment)
		case marker == markerAPP14 && len(segment) >= 12:
			h.rgb = h.rgb || segment[11] == 0 // the transform is unknown
		}
	}

	if len(h.sampling) == 0 {
		return h, ErrDamaged
	}

	return h, nil
}

// nextSegment returns the next marker that has a segment, or EOI. It skips the samples of
// a scan, in which 0xff is followed by 0 or a restart marker, and bytes that don't belong
// to anything, as the decoder does.
func nextSegment(rest []byte) (marker byte, segment, after []byte, ok bool) {
	for {
		i := bytes.IndexByte(rest, 0xff)
		if i < 0 || i+1 >= len(rest) {
			return 0, nil, nil, false
		}
		marker, rest = rest[i+1], rest[i+1:]

		switch {
		case marker == 0xff: // a fill byte
			continue
		case marker == 0 || marker >= markerRST0 && marker < markerRST0+8 || marker < markerSOF0:
			continue
		case marker == markerEOI:
			return marker, nil, nil, true
		}

		if len(rest) < 3 {
			return 0, nil, nil, false
		}

		n := int(binary.BigEndian.Uint16(rest[1:])) // includes its own two bytes
		if n < 2 || 1+n > len(rest) {
			return 0, nil, nil, false
		}

		return marker, rest[3 : 1+n], rest[1+n:], true
	}
}

// readFrame reads a frame header: precision, height, width, and three bytes for each component.
func (h *jpegHeader) readFrame(segment []byte) {
	h.sampling = nil
	if len(segment) < 6 {
		return
	}

	ids := ""
	for c := segment[6:]; len(c) >= 3; c = c[3:] {
		ids += string(rune(c[0]))
		h.sampling = append(h.sampling, [2]int{int(c[1] >> 4), int(c[1] & 15)})
	}

	h.rgb = h.rgb || ids == "RGB"
}

// blocks is the number of blocks of 8 × 8 samples of all components.
func (h *jpegHeader) blocks(c image.Config) (n int64) {
	horizontal, vertical := 1, 1 // the largest factors
	for _, s := range h.sampling {
		horizontal, vertical = max(horizontal, s[0]), max(vertical, s[1])
	}

	if len(h.sampling) == 1 { // the factors of a single component have no effect
		return int64((c.Width+7)/8) * int64((c.Height+7)/8)
	}

	units := int64((c.Width+8*horizontal-1)/(8*horizontal)) * int64((c.Height+8*vertical-1)/(8*vertical))
	for _, s := range h.sampling {
		n += units * int64(s[0]*s[1])
	}

	return n
}
