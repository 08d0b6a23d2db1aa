package picturetest

import (
	"bytes"
	"encoding/binary"
)

// JPEG is a JPEG without contents, whose cost is all in its header and its scans.
type JPEG struct {
	W, H        int
	Components  int // 1, 3 or 4
	Progressive bool
	Scans       int  // each is of one component, in turn
	Refine      bool // progressive: scans after the first of each component refine it
}

func worstJPEGs() []File {
	scans := JPEG{W: side, H: side, Components: 1, Progressive: true, Scans: 1000}
	refined := JPEG{W: side, H: side, Components: 3, Progressive: true, Scans: 40, Refine: true}
	cmyk := JPEG{W: side, H: side, Components: 4, Progressive: true, Scans: 4}
	baseline := JPEG{W: side, H: side, Components: 4, Scans: 4}
	repeated := JPEG{W: side, H: side, Components: 3, Scans: 30}
	return []File{
		{"jpeg, progressive, 1,000 scans", scans.Encode()},
		{"jpeg, progressive, 40 refining scans", refined.Encode()},
		{"jpeg, progressive, CMYK", cmyk.Encode()},
		{"jpeg, baseline, CMYK", baseline.Encode()},
		{"jpeg, baseline, 30 scans", repeated.Encode()},
	}
}

// segment is a marker with its contents.
func segment(marker byte, content ...byte) []byte {
	head := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(content)+2))
	return append(head, content...)
}

// Encode returns the file.
func (j JPEG) Encode() []byte {
	file := []byte{0xff, 0xd8}
	file = append(file, segment(0xee, append([]byte("Adobe\x00\x64\x00\x00\x00\x00"), 2)...)...)
	file = append(file, segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)...)

	// One code of one bit: category 0 for the first coefficient; for the others "the next
	// 2^14 blocks and more have none", or in a baseline file "no other in this block".
	end, frame := byte(0), byte(0xc0)
	if j.Progressive {
		end, frame = 0xe0, 0xc2
	}

	code := append([]byte{1}, make([]byte, 15)...)
	file = append(file, segment(0xc4, append(append([]byte{0x00}, code...), 0)...)...)
	file = append(file, segment(0xc4, append(append([]byte{0x10}, code...), end)...)...)

	header := []byte{8, byte(j.H >> 8), byte(j.H), byte(j.W >> 8), byte(j.W), byte(j.Components)}
	for c := range j.Components {
		header = append(header, byte(c+1), 0x11, 0)
	}

	file = append(file, segment(frame, header...)...)
	for n := range j.Scans {
		file = append(file, j.scan(n)...)
	}

	return append(file, 0xff, 0xd9)
}

// scan is a scan of one component, of its first coefficients or in a progressive file of the
// others.
func (j JPEG) scan(n int) []byte {
	blocks := ((j.W + 7) / 8) * ((j.H + 7) / 8)
	component := byte(n%j.Components + 1)
	if !j.Progressive {
		return append(segment(0xda, 1, component, 0, 0, 63, 0), make([]byte, blocks/4+1)...)
	}

	approximation := byte(1)
	if j.Refine && n >= j.Components {
		approximation = 0x10
	}

	// For each 32,767 blocks a bit 0, the code, and 14 bits 1.
	var data []byte
	var last byte
	bits := 15 * (blocks/32767 + 1)
	for i := range bits {
		last <<= 1
		if i%15 > 0 {
			last |= 1
		}

		if i%8 == 7 || i == bits-1 {
			data = append(data, last)
			if last == 0xff {
				data = append(data, 0)
			}
			last = 0
		}
	}

	return append(segment(0xda, 1, component, 0, 1, 63, approximation), data...)
}
