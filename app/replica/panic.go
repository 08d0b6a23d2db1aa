package replica

import (
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
)

// exitPanicked is the exit code of a panic, as the Go runtime has it.
const exitPanicked = 2

// LogPanic ends the process after a panic of the calling goroutine, as the runtime would,
// but with a log line instead of plain text. To be deferred.
func LogPanic(logger *slog.Logger, task string) {
	if r := recover(); r != nil {
		logger.Error("panic", "task", task, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
		os.Exit(exitPanicked)
	}
}
