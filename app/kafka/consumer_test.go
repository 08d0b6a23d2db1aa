package kafka

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/test/services"
	"parley/test/wait"
)

func TestTwoConsumersShareTheLog(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p := newProducer(t, o)
	s := &memoryStore{}
	stop := runWriter(t, o, s, p)
	runWriter(t, o, s, p)
	for i := range 100 {
		mustAppend(t, p, message(uuid.New(), fmt.Sprint(i)))
		if i == 50 {
			stop() // leaves the group, so that its partitions move
		}
	}
	wait.Until(t, "all messages are stored", s.has(100))
	waitCommitted(t, o, 100)
}

// TestARevokedPartitionIsNotCommitted: while the first consumer waits for its store, the
// second takes over a partition and commits. When the first can store, its commit must not
// move the group back.
func TestARevokedPartitionIsNotCommitted(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p := newProducer(t, o)
	first, second := &memoryStore{}, &memoryStore{}
	runWriter(t, o, first, p)
	appendConcurrently(t, p, 30)
	waitCommitted(t, o, 30) // so the first consumer has all partitions

	first.update(func(s *memoryStore) { s.err, s.attempts = errStoreDown, 0 })
	appendConcurrently(t, p, 30)
	wait.Until(t, "the first consumer has a batch that it cannot store", func() (waits bool) {
		first.update(func(s *memoryStore) { waits = s.attempts > 0 })
		return waits
	})
	appendConcurrently(t, p, 30)

	runWriter(t, o, second, p)
	wait.Until(t, "the second consumer has committed records of a partition", func() (ok bool) {
		n := committed(t, o)
		second.update(func(s *memoryStore) { ok = n > 30 && int(n) == 30+len(s.bodies) })
		return ok
	})
	first.update(func(s *memoryStore) { s.err = nil })
	waitCommitted(t, o, 90)
}

// appendWithRetry appends a message with the timeout of a send, until the log accepts it. It
// returns the failures.
func appendWithRetry(t *testing.T, p *Producer, conversation uuid.UUID, body string) (failures int) {
	t.Helper()
	wait.Until(t, "the log accepts "+body, func() bool {
		timed, cancel := context.WithTimeout(ctx, 1500*time.Millisecond)
		defer cancel()
		if _, err := p.Append(timed, message(conversation, body)); err != nil {
			failures++
			return false
		}
		return true
	})
	return failures
}

// TestADeletedTopicIsCreatedAgain while producer and consumer run, also the topic of dead
// letters.
func TestADeletedTopicIsCreatedAgain(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	p := newProducer(t, o)
	s := &memoryStore{refusedBody: "poison"}
	runAndRestart(t, newWriter(o, s, p))
	conversation := uuid.New()
	for i := range 5 {
		appendWithRetry(t, p, conversation, fmt.Sprint("before ", i))
	}
	wait.Until(t, "the messages are stored", s.has(5))

	deleteTopics(t, o, o.Topic)
	if appendWithRetry(t, p, conversation, "after") == 0 {
		t.Error("a topic that does not exist accepted a message")
	}
	wait.Until(t, "the message after the deletion is stored", s.has(6))

	deleteTopics(t, o, o.DeadTopic)
	appendWithRetry(t, p, conversation, "poison")
	wait.Until(t, "the dead letter is in the topic", func() bool { return len(deadLetters(t, o)) >= 1 })
}

// TestARecreatedTopicIsReadFromItsStart by consumers that had committed offsets of the old
// topic: smaller, equal or larger than the new topic's end, and also after a time without a
// topic.
func TestARecreatedTopicIsReadFromItsStart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after int // messages of each conversation
		missingFor    time.Duration
	}{
		"as many as before": {1, 1, 0},
		"fewer than before": {3, 1, 0},
		"more than before":  {1, 3, 0},
		"after a while":     {2, 1, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newLog(t)
			p := newProducer(t, o)
			s := &memoryStore{}
			for range 3 {
				runAndRestart(t, newWriter(o, s, p))
			}

			conversations := make([]uuid.UUID, 12) // some in each partition
			for i := range conversations {
				conversations[i] = uuid.New()
			}
			stored := 0
			send := func(what string, times int) {
				for n := range times {
					for i, conversation := range conversations {
						appendWithRetry(t, p, conversation, fmt.Sprint(what, i, n))
						stored++
					}
				}
				wait.Until(t, "the messages "+what+" are stored", s.has(stored))
			}

			send("before", c.before)
			deleteTopics(t, o, o.Topic)
			time.Sleep(c.missingFor) // the consumers notice that it is missing: the subject of the case
			wait.Until(t, "the topic is created again", func() bool { return EnsureTopics(ctx, o, quiet) == nil })
			send("after", c.after)
		})
	}
}

// TestAnOutageIsLoggedOnce for each kind of error.
func TestAnOutageIsLoggedOnce(t *testing.T) {
	t.Parallel()
	o := Options{Brokers: "127.0.0.1:1,127.0.0.1:2", Topic: Topic, DeadTopic: DeadTopic, Group: Group}
	p := startProducer(t, o, quiet)
	var log bytes.Buffer
	c := NewConsumer(o, NewMessageWriter(WriterDeps{Producer: p}), slog.New(slog.NewTextHandler(&log, nil)))
	ctx, stop := context.WithTimeout(ctx, 3*time.Second)
	defer stop()
	if err := c.Run(ctx); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"refused", "brokers are down"} {
		if n := strings.Count(log.String(), text); n != 1 {
			t.Errorf("%q is logged %d times, want once:\n%s", text, n, &log)
		}
	}
}

// TestABrokerRestarts: the broker is killed and started again, or hangs for a while. Its
// partitions get a new leader epoch. Acknowledged messages are stored, and the producer
// recovers by itself.
func TestABrokerRestarts(t *testing.T) {
	t.Parallel()
	broker := services.Kafka(t.TempDir())
	if err := broker.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Kill)
	o := uniqueOptions(broker.URL)
	if err := EnsureTopics(ctx, o, quiet); err != nil {
		t.Fatal(err)
	}
	p := newProducer(t, o)
	s := &memoryStore{}
	runWriter(t, o, s, p)
	conversation := uuid.New()
	appendWithRetry(t, p, conversation, "before")

	kill := func() error {
		broker.Kill()
		return nil
	}
	for name, outage := range map[string]struct{ begin, end func() error }{
		"killed": {kill, func() error { return broker.Start(ctx) }},
		"hung":   {broker.Pause, broker.Resume},
	} {
		if err := outage.begin(); err != nil {
			t.Fatal(err)
		}
		wait.Until(t, "the producer notices that the broker is "+name, func() bool {
			timed, cancel := context.WithTimeout(ctx, 1500*time.Millisecond)
			defer cancel()
			_, err := p.Append(timed, message(conversation, "refused"))
			return err != nil && !p.Up()
		})
		if err := outage.end(); err != nil {
			t.Fatal(err)
		}

		appendWithRetry(t, p, conversation, name)
		wait.Until(t, "the message after the broker was "+name+" is stored", func() (found bool) {
			s.update(func(s *memoryStore) { found = slices.Contains(s.bodies, name) })
			return found
		})
	}
}
