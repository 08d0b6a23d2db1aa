package replica

import (
	"errors"
	"log/slog"
	"runtime/pprof"
	"strings"
	"time"
)

// shutdownTimeout bounds the whole shutdown, with the drain. It is shorter than the
// grace periods of supervisors (terminationGracePeriodSeconds, stop_grace_period).
// Nothing is lost when a replica exits at any moment: a killed one does.
const shutdownTimeout = 25 * time.Second

var errShutdownTimeout = errors.New("shutdown timed out; this replica exits without its end")

// within returns the error of shutdown, or gives up after timeout and logs the
// goroutines. A Kafka client may never return from Close
// (confluentinc/librdkafka#3740), and a stopped process must exit.
func within(timeout time.Duration, logger *slog.Logger, shutdown func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- shutdown() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(timeout):
		var goroutines strings.Builder
		_ = pprof.Lookup("goroutine").WriteTo(&goroutines, 1)
		logger.Error("shutdown timed out", "timeout_seconds", timeout, "goroutines", goroutines.String())
		return errShutdownTimeout
	}
}
