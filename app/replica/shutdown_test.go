package replica

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestAnEndThatNeverComes is left, and the log says what it waited for; one that comes is waited for.
func TestAnEndThatNeverComes(t *testing.T) {
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	never := make(chan struct{})
	defer close(never)
	stuckInClosing := func() error { <-never; return nil }
	if err := within(time.Millisecond, logger, stuckInClosing); !errors.Is(err, errStuck) {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(log.String(), "TestAnEndThatNeverComes") {
		t.Errorf("the log doesn't say what the end waits for:\n%s", &log)
	}
	log.Reset()
	want := errors.New("of closing")
	if err := within(time.Hour, logger, func() error { return want }); err != want || log.Len() > 0 {
		t.Errorf("got %v, logged %q", err, &log)
	}
}
