package chat_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"strings"
	"testing"

	"parley/app/chat"
	"parley/app/picture"
	"parley/app/picture/picturetest"
	"parley/test/wait"
)

// smallPNG returns a valid PNG file of 9 × 9 pixels.
func smallPNG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 9, 9))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hugePNG returns the header of a PNG file of 65,536 × 65,536 pixels.
func hugePNG() []byte {
	head := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x01\x00\x00\x00\x01\x00\x00\x08\x06\x00\x00\x00")
	return binary.BigEndian.AppendUint32(head, crc32.ChecksumIEEE(head[12:]))
}

func TestPictureIsOfferedOnce(t *testing.T) {
	h := newHarness(t, limits{})
	file := smallPNG(t)
	fetched := 0
	fetch := func(context.Context) ([]byte, error) { fetched++; return file, nil }
	broken := func(context.Context) ([]byte, error) { return nil, errors.New("no answer") }
	if err := h.OfferPicture(ctx, h.ada, broken); err == nil {
		t.Error("failed fetch: got no error")
	}

	for range 2 { // a failed offer is retried at the next sign-in, a successful one is not
		if err := h.OfferPicture(ctx, h.ada, fetch); err != nil {
			t.Fatal(err)
		}
	}

	ada := h.signIn("Ada").Person
	p, err := h.Picture(ctx, ada.Picture)
	if err != nil || fetched != 1 || p.MediaType != "image/jpeg" {
		t.Errorf("got %d fetches, %+v, %v, want 1 and a JPEG", fetched, p, err)
	}

	if err := h.RemovePicture(ctx, ada); err != nil {
		t.Fatal(err)
	}

	if err := h.OfferPicture(ctx, ada, fetch); err != nil || fetched != 1 {
		t.Errorf("offer after the removal: got %v, %d fetches, want 1", err, fetched)
	}

	if err := h.SetPicture(ctx, ada, []byte("no picture")); chat.KindOf(err) != chat.KindInvalid {
		t.Errorf("text file: got %v, want Invalid", err)
	}

	if err := h.SetPicture(ctx, ada, file); err != nil || h.signIn("Ada").Person.Picture != p.Hash {
		t.Errorf("SetPicture: got %v, want the same hash", err)
	}
}

// TestRejectedPictures: each reason has its own sentence, for the field "picture".
func TestRejectedPictures(t *testing.T) {
	h := newHarness(t, limits{})
	file := smallPNG(t)
	manyScans := picturetest.JPEG{W: 4000, H: 4000, Components: 1, Progressive: true, Scans: 1000}.Encode()
	for name, tt := range map[string]struct {
		file []byte
		want string
	}{
		"empty":           {nil, "Choose a picture first."},
		"text":            {[]byte("hello"), "isn’t a picture"},
		"cut off":         {file[:len(file)/2], "This picture is damaged."},
		"too many pixels": {hugePNG(), "16 million pixels"},
		"too costly":      {manyScans, "takes too much memory or time"},
		"too many bytes":  {make([]byte, picture.MaxBytes+1), "5 MB"},
	} {
		var e *chat.Error
		err := h.SetPicture(ctx, h.ada, tt.file)
		if !errors.As(err, &e) || e.Kind != chat.KindInvalid || e.Field != "picture" ||
			!strings.Contains(e.Detail, tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

// TestAPersonHasOnePictureDecodedAtATime, and the end of the request ends it.
func TestAPersonHasOnePictureDecodedAtATime(t *testing.T) {
	h := newHarness(t, limits{})
	costly := picturetest.WebP(picturetest.WebPChunk("VP8L", picturetest.Lossless(4000, 4000, true)))

	left, leave := context.WithCancel(ctx)
	first := make(chan error, 1)
	go func() {
		err := h.SetPicture(left, h.ada, costly)
		for chat.KindOf(err) == chat.KindTooFast { // it came during one of the others below
			err = h.SetPicture(left, h.ada, costly)
		}
		first <- err
	}()

	wait.Until(t, "another picture of the same person is refused", func() bool {
		return chat.KindOf(h.SetPicture(ctx, h.ada, nil)) == chat.KindTooFast
	})

	if err := h.SetPicture(ctx, h.bob, smallPNG(t)); err != nil {
		t.Errorf("picture of somebody else: %v", err)
	}

	leave()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("picture of a requester who left: got %v, want Canceled", err)
	}

	if err := h.SetPicture(ctx, h.ada, smallPNG(t)); err != nil {
		t.Errorf("picture after the first one: %v", err)
	}
}
