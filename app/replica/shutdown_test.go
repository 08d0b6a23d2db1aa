package replica

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestShutdownTimesOut covers a shutdown that never returns, whose goroutine is
// logged, and one that does.
func TestShutdownTimesOut(t *testing.T) {
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	never := make(chan struct{})
	defer close(never)

	stuck := func() error { <-never; return nil }
	if err := within(time.Millisecond, logger, stuck); !errors.Is(err, errShutdownTimeout) {
		t.Errorf("got %v, want %v", err, errShutdownTimeout)
	}
	if !strings.Contains(log.String(), "TestShutdownTimesOut") {
		t.Errorf("the log doesn't name the stuck goroutine:\n%s", &log)
	}

	log.Reset()
	want := errors.New("of closing")
	if err := within(time.Hour, logger, func() error { return want }); err != want || log.Len() > 0 {
		t.Errorf("got %v, logged %q", err, &log)
	}
}
