package picture

import (
	"bytes"
	"runtime"
	"slices"
	"testing"

	"parley/app/picture/picturetest"
)

// TestCommentsCostNothing: a PNG file of 4.5 MB is comments, which take no memory but their own.
func TestCommentsCostNothing(t *testing.T) {
	plain := picturetest.PNG(8, 8, false)
	head := pngHeader + pngChunk + 13
	comments := bytes.Repeat(picturetest.PNGChunk("tEXt", []byte("a\x00b")), 300_000)
	file := slices.Concat(plain[:head], comments, plain[head:])
	if len(file) > MaxBytes {
		t.Fatalf("the test's file has %d bytes", len(file))
	}

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := square(file)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := square(plain); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the comments change the picture (error %v)", err)
	}
	if allocated := (after.TotalAlloc - before.TotalAlloc) >> 20; allocated > 64 {
		t.Errorf("%d MB were allocated", allocated)
	}
}
