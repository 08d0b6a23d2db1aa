package kafka

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/test/services"
	"parley/test/wait"
)

// appends tries until the log takes a message, within the time that a send has; what it was refused is said to be direct.
func appends(t *testing.T, p *Producer, talk uuid.UUID, body string) (direct int) {
	t.Helper()
	wait.Until(t, "the log takes "+body, func() bool {
		ack, cancel := context.WithTimeout(ctx, 1500*time.Millisecond)
		defer cancel()
		if _, err := p.Append(ack, message(talk, body)); err != nil {
			direct++
			return false
		}
		return true
	})
	return direct
}

// TestADeletedTopicIsMadeAgain while producer and writer run, that of the dead letters too; both go on by themselves.
func TestADeletedTopicIsMadeAgain(t *testing.T) {
	o := ownLog(t)
	p := newProducer(t, o)
	s := &shelf{poison: "poison"}
	insist(t, NewWriter(o, s, s, returner(s), p, 0, quiet))
	talk := uuid.New()
	for i := range 5 {
		appends(t, p, talk, fmt.Sprint("before ", i))
	}
	wait.Until(t, "they are stored", s.has(5))
	deleteTopics(t, o, o.Topic)
	if appends(t, p, talk, "after") == 0 {
		t.Error("a topic that isn't there took a message")
	}
	wait.Until(t, "the writer goes on", s.has(6))
	deleteTopics(t, o, o.DeadTopic)
	appends(t, p, talk, "poison")
	if letters := deadLetters(t, o, 1); len(letters) < 1 {
		t.Error("no dead letter")
	}
}

// TestATopicMadeAnewIsReadFromItsStart by writers that had a place in the one before: as far as it goes again, or not yet, or gone for a while.
func TestATopicMadeAnewIsReadFromItsStart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after int // messages of each conversation
		gone          time.Duration
	}{
		"as many as before": {1, 1, 0}, "fewer than before": {3, 1, 0}, "more than before": {1, 3, 0}, "after a while": {2, 1, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := ownLog(t)
			p := newProducer(t, o)
			s := &shelf{}
			for range 3 {
				insist(t, NewWriter(o, s, s, returner(s), p, 0, quiet))
			}
			talks := make([]uuid.UUID, 12) // some for each partition
			for i := range talks {
				talks[i] = uuid.New()
			}
			stored := 0
			says := func(what string, times int) {
				for n := range times {
					for i, talk := range talks {
						appends(t, p, talk, fmt.Sprint(what, i, n))
						stored++
					}
				}
				wait.Until(t, what+" is stored", s.has(stored))
			}
			says("before", c.before)
			deleteTopics(t, o, o.Topic)
			time.Sleep(c.gone) // for the consumers to miss it: what the case is about
			wait.Until(t, "it is made again", func() bool { return EnsureTopics(ctx, o, quiet) == nil })
			says("after", c.after)
		})
	}
}

// insist has a writer run again when it failed, as a node does.
func insist(t *testing.T, w *Writer) {
	running, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for w.Run(running) != nil && running.Err() == nil {
			time.Sleep(200 * time.Millisecond) // a node's first wait between two tries
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
}

// TestAnOutageIsSaidOnce by the writer, for each kind of error.
func TestAnOutageIsSaidOnce(t *testing.T) {
	t.Parallel()
	o := Options{Brokers: "127.0.0.1:1,127.0.0.1:2", Topic: Topic, DeadTopic: DeadTopic, Group: Group}
	p, err := NewProducer(o, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var log bytes.Buffer
	w := NewWriter(o, nil, nil, nil, p, 0, slog.New(slog.NewTextHandler(&log, nil)))
	ctx, stop := context.WithTimeout(ctx, 3*time.Second)
	defer stop()
	if err := w.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if refused, all := strings.Count(log.String(), "refused"), strings.Count(log.String(), "brokers are down"); refused != 1 || all != 1 {
		t.Errorf("it is said %d times that a broker is away, %d times that all are:\n%s", refused, all, &log)
	}
}

func deleteTopics(t *testing.T, o Options, topics ...string) {
	t.Helper()
	admin, err := kafka.NewAdminClient(base(o))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	results, err := admin.DeleteTopics(ctx, topics)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Error.Code() != kafka.ErrNoError {
			t.Fatal(r.Error)
		}
	}
}

// TestABrokerMayGo: killed and started again, and hung for a while. Its partitions get a new leader's epoch; what was acknowledged is stored, and the
// producer comes back by itself.
func TestABrokerMayGo(t *testing.T) {
	broker := services.Kafka(t.TempDir())
	if err := broker.Start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Kill)
	o := Options{Brokers: broker.URL, Topic: Topic, DeadTopic: DeadTopic, Group: Group, Partitions: 3, ReplicationFactor: 1}
	if err := EnsureTopics(ctx, o, quiet); err != nil {
		t.Fatal(err)
	}
	p := newProducer(t, o)
	s := &shelf{}
	runWriter(t, o, s, s, p, 0)
	talk := uuid.New()
	appends(t, p, talk, "before")
	for name, outage := range map[string]struct{ begin, end func() error }{
		"killed": {
			func() error { broker.Kill(); return nil },
			func() error { return broker.Start(ctx) },
		},
		"hung": {broker.Pause, broker.Resume},
	} {
		if err := outage.begin(); err != nil {
			t.Fatal(err)
		}
		wait.Until(t, "the producer notices that it is "+name, func() bool {
			ack, cancel := context.WithTimeout(ctx, 1500*time.Millisecond)
			defer cancel()
			_, err := p.Append(ack, message(talk, "refused"))
			return err != nil && !p.Up()
		})
		if err := outage.end(); err != nil {
			t.Fatal(err)
		}
		appends(t, p, talk, name)
		wait.Until(t, "it is stored after "+name, func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, body := range s.bodies {
				if body == name {
					return true
				}
			}
			return false
		})
	}
}
