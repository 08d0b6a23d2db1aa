package replica

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// TestOutagesAreLoggedOnce covers the beginning of an outage, which is logged with its
// cause, and its end, which is logged with its duration.
func TestOutagesAreLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	d := &dependencies{logger: slog.New(slog.NewTextHandler(&log, nil))}
	why := errors.New("why")
	for _, causes := range []map[string]error{
		{},
		{"redis": why},
		{"redis": why},
		{"redis": why, "postgres": why},
		{"postgres": why},
		{},
		{},
		{"redis": why},
	} {
		d.update(causes)
	}

	for line, want := range map[string]int{
		`"dependency down" dependency=redis error=why`:        2,
		`"dependency up" dependency=redis lasted_seconds=`:    1,
		`"dependency down" dependency=postgres error=why`:     1,
		`"dependency up" dependency=postgres lasted_seconds=`: 1,
		"dependency=kafka": 0,
	} {
		if got := strings.Count(log.String(), line); got != want {
			t.Errorf("%s is logged %d times, want %d, in\n%s", line, got, want, log.String())
		}
	}

	s := d.list()
	if s[0].Entered != 1 || s[1].Entered != 2 || s[1].Since.IsZero() || s[2].Entered != 0 || len(d.names()) != 1 {
		t.Errorf("the dependencies are %+v", s)
	}
}
