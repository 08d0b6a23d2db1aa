package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"testing"
	"time"
)

// TestChildIsLimited: a file that takes more than the estimate ends the child alone, and so
// does the end of the request.
func TestChildIsLimited(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewNRGBA(image.Rect(0, 0, 4000, 4000))); err != nil {
		t.Fatal(err)
	}

	left, leave := context.WithCancel(t.Context())
	leave()
	enough := childLimits{MaxMemory, costlyTime}

	for name, tt := range map[string]struct {
		ctx    context.Context
		limits childLimits
		want   error
	}{
		"enough":         {t.Context(), enough, nil},
		"too little":     {t.Context(), childLimits{1 << 20, costlyTime}, ErrTooCostly},
		"no time":        {t.Context(), childLimits{MaxMemory, time.Millisecond}, ErrTooCostly},
		"requester left": {left, enough, context.Canceled},
	} {
		if _, err := squareInChild(tt.ctx, file.Bytes(), tt.limits); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}
