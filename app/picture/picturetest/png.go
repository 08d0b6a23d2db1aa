package picturetest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
)

func worstPNGs() []File {
	return []File{
		{"png, 16 bits", PNG(side, side, false)},
		{"png, 16 bits, interlaced", PNG(side, side, true)},
		{"png, 16 bits, one row", PNG(side*side, 1, false)},
	}
}

// PNGChunk is a chunk of a PNG file.
func PNGChunk(name string, content []byte) []byte {
	head := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	body := append([]byte(name), content...)
	return binary.BigEndian.AppendUint32(append(head, body...), crc32.ChecksumIEEE(body))
}

// Deflated is content as a chunk of a PNG file compresses it.
func Deflated(content []byte) []byte {
	var b bytes.Buffer
	z, _ := zlib.NewWriterLevel(&b, zlib.BestSpeed) // fails only for an unknown level
	_, _ = z.Write(content)
	_ = z.Close()
	return b.Bytes()
}

// PNG is a transparent image with 16 bits for each color, which takes 8 bytes for each pixel,
// and as many again if it is interlaced.
func PNG(w, h int, interlaced bool) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
	header = append(header, 16, 6, 0, 0, 0)
	passes := [][4]int{{0, 1, 0, 1}} // first column, columns, first row, rows
	if interlaced {
		header[12] = 1
		passes = [][4]int{
			{0, 8, 0, 8},
			{4, 8, 0, 8},
			{0, 4, 4, 8},
			{2, 4, 0, 4},
			{0, 2, 2, 4},
			{1, 2, 0, 2},
			{0, 1, 1, 2},
		}
	}

	size := 0
	for _, p := range passes {
		columns, rows := (w-p[0]+p[1]-1)/p[1], (h-p[2]+p[3]-1)/p[3]
		size += (1 + 8*columns) * rows // a byte for the filter
	}

	return bytes.Join([][]byte{
		[]byte("\x89PNG\r\n\x1a\n"),
		PNGChunk("IHDR", header),
		PNGChunk("IDAT", Deflated(make([]byte, size))),
		PNGChunk("IEND", nil),
	}, nil)
}
