package kafka

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/status"
	"parley/test/wait"
)

// watchedBacklog is the latest report of WatchBacklog.
type watchedBacklog struct {
	mu     sync.Mutex
	latest status.Backlog
}

func watchBacklog(t *testing.T, o Options) *watchedBacklog {
	t.Helper()
	ctx, stop := context.WithCancel(ctx)
	w, ended := &watchedBacklog{}, make(chan error, 1)
	go func() {
		ended <- WatchBacklog(ctx, o, 200*time.Millisecond, func(b status.Backlog) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.latest = b
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *watchedBacklog) get() status.Backlog {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.latest
}

func (w *watchedBacklog) lagIs(n int64) func() bool {
	return func() bool {
		b := w.get()
		var sum int64
		for _, p := range b.Partitions {
			sum += p.Records
		}
		return len(b.Partitions) == 3 && sum == n
	}
}

// oldest returns the time of the oldest record that is not stored, if it is known.
func (w *watchedBacklog) oldest() (at time.Time, paused string) {
	for _, p := range w.get().Partitions {
		if !p.Oldest.IsZero() {
			return p.Oldest, p.Paused
		}
	}
	return at, ""
}

// TestWatchBacklog with and without committed offsets of the group.
func TestWatchBacklog(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p, s := newProducer(t, o), &memoryStore{}
	conversation := uuid.New()
	append3 := func() {
		for range 3 {
			mustAppend(t, p, message(conversation, "words"))
		}
	}
	began := time.Now().Add(-time.Second)
	append3()

	w := watchBacklog(t, o)
	wait.Until(t, "the lag is 3 before the group's first commit", w.lagIs(3))
	wait.Until(t, "the time of the oldest record is known", func() bool {
		at, paused := w.oldest()
		return at.After(began) && time.Since(at) >= 0 && paused == ""
	})
	stopWriter := runWriter(t, o, s, p)
	wait.Until(t, "the lag is 0", w.lagIs(0))
	if at, _ := w.oldest(); !at.IsZero() {
		t.Errorf("without a record that waits, the oldest is of %v", at)
	}
	stopWriter()
	append3()
	wait.Until(t, "the lag is 3 without a consumer", w.lagIs(3))
}

// TestTheBacklogCountsWaitingDeadLetters: decided ones are not counted.
func TestTheBacklogCountsWaitingDeadLetters(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p, s := newProducer(t, o), &memoryStore{}
	w := watchBacklog(t, o)
	waiting := func(n int) func() bool { return func() bool { return w.get().DeadLetters == n } }
	wait.Until(t, "no dead letter waits", waiting(0))

	appendRaw(t, p, "a", "no record")
	appendRaw(t, p, "b", "no record either")
	runWriter(t, o, s, p)
	wait.Until(t, "two dead letters wait", waiting(2))
	if err := p.Discard(ctx, deadLetters(t, o)[0]); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "one dead letter waits", waiting(1))
}

// TestTheBacklogNamesARecordThatNoWriterCanRead without a writer that could report it.
func TestTheBacklogNamesARecordThatNoWriterCanRead(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p := newProducer(t, o)
	appendRaw(t, p, "a", `{"v":7}`)
	w := watchBacklog(t, o)
	wait.Until(t, "the reason is reported", func() bool {
		_, paused := w.oldest()
		return strings.Contains(paused, "its version is 7")
	})
}
