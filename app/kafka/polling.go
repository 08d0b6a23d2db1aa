package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"golang.org/x/time/rate"
)

const (
	minRetryDelay = 100 * time.Millisecond
	maxRetryDelay = 5 * time.Second
	errorInterval = time.Minute
)

// poll serves the group membership and returns the next record, or nil if there is none within
// timeout.
func (s *session) poll(timeout time.Duration) *kafka.Message {
	select {
	case s.failed = <-s.replace:
		return nil
	case r := <-s.held.passed:
		s.passHeld(r)
	default:
	}

	switch e := s.client.Poll(int(timeout.Milliseconds())).(type) {
	case *kafka.Message:
		clear(s.errors)
		return e
	case kafka.Error:
		s.errors.log(s.logger, e)
		if isMissing(e) {
			s.handler.TopicMissing(e)
			s.topic.reportMissing()
		}
		if e.IsFatal() {
			s.failed = e
		}
	}
	return nil
}

// retry implements Retry. While partitions are paused, polling returns no records, except
// those that were on their way.
func (s *session) retry(ctx context.Context, operation string, attempt func() error) bool {
	var logged time.Time
	for delay := minRetryDelay; ; delay = min(2*delay, maxRetryDelay) {
		err := attempt()
		if err == nil {
			s.pause(false)
			return true
		}
		if ctx.Err() != nil || s.failed != nil {
			return false
		}

		if delay < maxRetryDelay || time.Since(logged) >= errorInterval {
			s.logger.Warn("the writer waits", "operation", operation, "error", err, "retry_in_seconds", delay)
			logged = time.Now()
		}
		s.pause(true)
		for until := time.Now().Add(delay); time.Now().Before(until) && ctx.Err() == nil && s.failed == nil; {
			if r := s.poll(min(delay, pollInterval)); r != nil {
				s.seekBack(r)
			}
		}
	}
}

// pause pauses or resumes all assigned partitions, except that those of held records stay paused.
func (s *session) pause(on bool) {
	if s.paused == on {
		return
	}
	s.paused = on

	assigned, err := s.client.Assignment()
	if err == nil && on {
		err = s.client.Pause(assigned)
	} else if err == nil {
		err = s.client.Resume(slices.DeleteFunc(assigned, func(tp kafka.TopicPartition) bool {
			return s.held.holds(tp.Partition)
		}))
	}
	if err != nil {
		s.logger.Warn("pause failed", "on", on, "error", err)
	}
}

// seekBack makes the client deliver r again. r was on its way when its partition was paused.
func (s *session) seekBack(r *kafka.Message) {
	results, err := s.client.SeekPartitions([]kafka.TopicPartition{r.TopicPartition})
	for _, tp := range results {
		err = errors.Join(err, tp.Error)
	}
	if err != nil {
		// Otherwise a later record would be stored first, and its commit would skip r. The next
		// client begins at the committed offset.
		s.failed = fmt.Errorf("seek failed: %w", err)
	}
}

// errorLog logs each kind of client error at most once per minute, until a record arrives:
// while the brokers are down, librdkafka reports that 13 times per second.
type errorLog map[kafka.ErrorCode]*rate.Sometimes

func (l errorLog) log(logger *slog.Logger, err kafka.Error) {
	limit, ok := l[err.Code()]
	if !ok {
		limit = &rate.Sometimes{First: 1, Interval: errorInterval}
		l[err.Code()] = limit
	}
	limit.Do(func() { logger.Warn("consumer error", "error", err) })
}
