package picture

import (
	"bytes"
	"runtime"
	"slices"
	"testing"

	"parley/app/picture/picturetest"
)

// TestCommentsCostNothing: PNG files of 4.5 MB are comments, which take no memory but their own,
// neither in this process, which reads the size, nor in the child.
func TestCommentsCostNothing(t *testing.T) {
	comments := bytes.Repeat(picturetest.PNGChunk("tEXt", []byte("a\x00b")), 300_000)
	magic, end := []byte("\x89PNG\r\n\x1a\n"), picturetest.PNGChunk("IEND", nil)
	for name, c := range map[string]struct {
		head   string // of 1 × 1 pixels
		chunks []byte // behind the comments
	}{
		"grey": {
			"\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00",
			picturetest.PNGChunk("IDAT", picturetest.Deflated([]byte{0, 99})),
		},
		"palette": {
			"\x00\x00\x00\x01\x00\x00\x00\x01\x08\x03\x00\x00\x00",
			slices.Concat(picturetest.PNGChunk("PLTE", []byte{9, 99, 9}),
				picturetest.PNGChunk("IDAT", picturetest.Deflated([]byte{0, 0}))),
		},
	} {
		t.Run(name, func(t *testing.T) {
			header := picturetest.PNGChunk("IHDR", []byte(c.head))
			plain := slices.Concat(magic, header, c.chunks, end)
			file := slices.Concat(magic, header, comments, c.chunks, end)
			if len(file) > MaxBytes {
				t.Fatalf("the test's file has %d bytes", len(file))
			}

			want, err := square(plain)
			if err != nil {
				t.Fatal(err)
			}
			if n := allocated(func() { _, _, err = inspect(file) }); n > 1 || err != nil {
				t.Errorf("reading the size allocates %d MB, error %v", n, err)
			}
			var got []byte
			if n := allocated(func() { got, err = square(file) }); n > 64 || err != nil {
				t.Errorf("decoding allocates %d MB, error %v", n, err)
			}
			if !bytes.Equal(got, want) {
				t.Error("the comments change the picture")
			}
		})
	}
}

// allocated returns the megabytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) >> 20
}
