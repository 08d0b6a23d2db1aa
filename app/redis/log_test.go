package redis

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
)

// TestClientLog expects a line of go-redis to be JSON where the log is, and to be limited.
func TestClientLog(t *testing.T) {
	out := &lines{}
	log := &clientLog{}
	log.Printf(context.Background(), "before a logger is set: %d", 1)
	log.logger.Store(slog.New(slog.NewJSONHandler(out, nil)))
	for i := range 1000 {
		log.Printf(context.Background(), "redis: connection pool: failed to dial after %d attempts", i)
	}
	log.Printf(context.Background(), "redis: another line")

	got := out.containing("")
	if len(got) != 2 {
		t.Fatalf("%d lines, want 2: %s", len(got), got)
	}
	var line struct{ Line string }
	if err := json.Unmarshal([]byte(got[0]), &line); err != nil || !strings.HasPrefix(line.Line, "connection pool: failed") {
		t.Errorf("%v: %s", err, got[0])
	}
	if goRedisLog.logger.Load() != nil {
		t.Error("a test of this package has set the logger of the process")
	}
}

func TestLogLimitIsBounded(t *testing.T) {
	var l logLimit
	for i := range 10 * maxCauses {
		if !l.allow(strings.Repeat("x", i)) {
			t.Fatal("a new cause is not logged")
		}
	}
	if len(l.logged) > maxCauses {
		t.Errorf("%d causes are kept, want at most %d", len(l.logged), maxCauses)
	}
}
