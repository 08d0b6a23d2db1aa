package replica

import (
	"errors"
	"log/slog"
	"runtime/pprof"
	"strings"
	"time"
)

// leaveTimeout bounds the whole end, drain and all; a supervisor's patience (terminationGracePeriodSeconds, stop_grace_period) is longer. Nothing is lost by
// leaving at any moment: it is what a killed replica does.
const leaveTimeout = 25 * time.Second

var errStuck = errors.New("the end took too long: this replica left without it")

// within lets end take so long, and gives up on it then, telling what it waits for. A client of Kafka may never come back from its closing
// (confluentinc/librdkafka#3740), and a process that is told to end must end.
func within(most time.Duration, logger *slog.Logger, end func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- end() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(most):
		var waiting strings.Builder
		_ = pprof.Lookup("goroutine").WriteTo(&waiting, 1)
		logger.Error("the end takes too long: leaving without it", "after", most, "goroutines", waiting.String())
		return errStuck
	}
}
