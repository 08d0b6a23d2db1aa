package telemetry

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

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
		if !strings.Contains(lines[0], "abc123") || !strings.Contains(lines[0], "chat") ||
			strings.Contains(lines[1], "request") {
			t.Errorf("json %t: %q", json, lines)
		}
	}
}
