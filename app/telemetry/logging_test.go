package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/app/chat"
)

// TestLogLinesHaveTheIDOfTheirRequest covers loggers that are derived from the first.
func TestLogLinesHaveTheIDOfTheirRequest(t *testing.T) {
	for _, json := range []bool{false, true} {
		var out bytes.Buffer
		logger := NewLogger(&out, json, slog.LevelInfo).With("pkg", "chat")
		logger.InfoContext(chat.WithRequestInfo(context.Background(), chat.RequestInfo{ID: "abc123"}), "one")
		logger.Info("two", slog.Int("n", 1))

		lines := strings.Split(out.String(), "\n")
		if !strings.Contains(lines[0], "request_id") || !strings.Contains(lines[0], "abc123") ||
			!strings.Contains(lines[0], "chat") || strings.Contains(lines[1], "request") {
			t.Errorf("json %t: %q", json, lines)
		}
	}
}

// TestValuesOfLogLines: durations are seconds, also in a derived logger and in a group,
// lists are arrays, and errors are their text.
func TestValuesOfLogLines(t *testing.T) {
	var out bytes.Buffer
	NewLogger(&out, true, slog.LevelInfo).With("retry_in", 5*time.Second).Info("waits",
		"lasted", 154*time.Second,
		"took_seconds", 1500*time.Microsecond,
		"partitions", []int32{1, 2},
		"error", errors.New("no broker"),
		slog.Group("hop", "acked", 250*time.Millisecond))

	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}

	hop, _ := line["hop"].(map[string]any)
	partitions, _ := line["partitions"].([]any)
	if line["retry_in_seconds"] != 5.0 || line["lasted_seconds"] != 154.0 || line["took_seconds"] != 0.0015 ||
		line["error"] != "no broker" || hop["acked_seconds"] != 0.25 || len(partitions) != 2 {
		t.Errorf("the line is %s", out.String())
	}
}

// TestLibrariesThatUsePackageLog write JSON too. It changes the process's default logger.
func TestLibrariesThatUsePackageLog(t *testing.T) {
	before, flags := slog.Default(), log.Flags()
	defer func() {
		slog.SetDefault(before)
		log.SetFlags(flags)
	}()

	var out bytes.Buffer
	CaptureStandardLog(NewLogger(&out, true, slog.LevelInfo))
	log.Printf("http: a panic\nwith a second line")

	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil || line["level"] != "WARN" ||
		!strings.Contains(line["msg"].(string), "second line") {
		t.Errorf("%v: %s", err, out.String())
	}
}
