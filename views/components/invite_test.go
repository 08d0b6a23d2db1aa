package components

import (
	"fmt"
	"strings"
	"testing"
)

// TestQRPath: the drawing has the code's modules, and nothing else.
func TestQRPath(t *testing.T) {
	code := encodeQR("https://parley.example.org/invite/" + strings.Repeat("aB3_", 13) + "xy")
	if code.Size < 21 {
		t.Fatalf("size %d", code.Size)
	}

	drawn := map[[2]int]bool{}
	for run := range strings.SplitSeq(strings.TrimPrefix(code.path(), "M"), "M") {
		var x, y, width, back int
		if n, err := fmt.Sscanf(run, "%d %dh%dv1h%dz", &x, &y, &width, &back); n != 4 || err != nil || back != -width {
			t.Fatalf("run %q: %v", run, err)
		}
		for i := range width {
			drawn[[2]int{x + i, y}] = true
		}
	}

	for y := range code.Size {
		for x := range code.Size {
			if drawn[[2]int{x, y}] != code.Black(x, y) {
				t.Fatalf("module %d, %d: drawn %v", x, y, drawn[[2]int{x, y}])
			}
		}
	}
	if box := code.viewBox(); box != fmt.Sprintf("-4 -4 %d %d", code.Size+8, code.Size+8) {
		t.Errorf("view box %q", box)
	}
	if tooLong := encodeQR(strings.Repeat("x", 5000)); tooLong.path() != "" {
		t.Error("a text that is too long has a code")
	}
}
