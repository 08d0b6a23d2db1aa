package replica

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// TestModesAreLoggedOnce on their way in, with why, and once on their way out, with how long.
func TestModesAreLoggedOnce(t *testing.T) {
	var b bytes.Buffer
	n := &Replica{Logger: slog.New(slog.NewTextHandler(&b, nil))}
	for _, away := range []map[string]bool{
		{}, {"redis": true}, {"redis": true}, {"redis": true, "postgres": true}, {"postgres": true}, {}, {}, {"redis": true},
	} {
		n.enterAndLeave(away, errors.New("why"))
	}
	for line, times := range map[string]int{
		`"component away" component=redis`: 2, `"component back" component=redis lasted=`: 1,
		`"component away" component=postgres error=why`: 1, `"component back" component=postgres lasted=`: 1, "component=kafka": 0,
	} {
		if got := strings.Count(b.String(), line); got != times {
			t.Errorf("%s is logged %d times, want %d, in\n%s", line, got, times, b.String())
		}
	}
	modes := n.Dependencies()
	if modes[0].Entered != 1 || modes[1].Entered != 2 || modes[1].Since.IsZero() || modes[2].Entered != 0 || len(n.Down()) != 1 {
		t.Errorf("the modes are %+v", modes)
	}
}
