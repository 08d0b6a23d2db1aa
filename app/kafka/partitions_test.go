package kafka

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/test/wait"
)

func topicEnds(t *testing.T, o Options) []kafka.Offset {
	t.Helper()
	found, err := topicOffsets(ctx, newAdminClient(t, o), o.Topic, kafka.LatestOffsetSpec)
	if err != nil {
		t.Fatal(err)
	}
	ends := make([]kafka.Offset, len(found))
	for partition, end := range found {
		ends[partition] = end
	}
	return ends
}

// TestGrow follows the guide: each conversation's messages are stored in the order in which
// they were sent, before and after the change. The change is refused while records are unread,
// a consumer runs, or messages are sent.
func TestGrow(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	var conversations []uuid.UUID
	for range 20 {
		conversations = append(conversations, uuid.New())
	}
	send := func(p *Producer, from, to int) {
		t.Helper()
		for n := from; n < to; n++ {
			for i, conversation := range conversations {
				if _, err := p.Append(ctx, message(conversation, fmt.Sprintf("%d:%03d", i, n))); err != nil {
					t.Error(err)
				}
			}
		}
	}
	s := &memoryStore{}
	storeUntil := func(n int) {
		t.Helper()
		stop := runWriter(t, o, s, nil)
		wait.Until(t, fmt.Sprintf("%d messages are stored", n), s.has(n))
		stop()
	}
	prepared := 0
	prepare := func() error {
		prepared++
		return nil
	}

	p := newProducer(t, o)
	send(p, 0, 10)
	if _, err := Grow(ctx, o, 6, prepare); !errors.Is(err, ErrUnread) {
		t.Fatalf("with unread messages: %v", err)
	}
	stop := runWriter(t, o, s, nil)
	wait.Until(t, "200 messages are stored", s.has(200))
	if _, err := Grow(ctx, o, 6, prepare); !errors.Is(err, ErrGroupActive) {
		t.Errorf("while a consumer runs: %v", err)
	}
	stop()
	n, err := Grow(ctx, o, 2, prepare)
	if n != 3 || err == nil || !strings.Contains(err.Error(), "can't take any away") {
		t.Errorf("to a smaller number: %d, %v", n, err)
	}

	sent := make(chan struct{})
	go func() {
		defer close(sent)
		send(p, 10, 11)
	}()
	if _, err := Grow(ctx, o, 6, prepare); !errors.Is(err, ErrSending) && !errors.Is(err, ErrUnread) {
		t.Errorf("while messages are sent: %v", err)
	}
	<-sent
	storeUntil(220)

	if prepared > 0 {
		t.Error("prepare was called before a refusal")
	}
	_, err = Grow(ctx, o, 6, func() error { return errDown })
	if !errors.Is(err, errDown) || len(topicEnds(t, o)) != 3 {
		t.Errorf("the topic grew although prepare failed: %v", err)
	}
	for range 2 { // the second time there is nothing to change
		if _, err := Grow(ctx, o, 6, prepare); err != nil {
			t.Fatal(err)
		}
	}

	o.Partitions = 6
	send(newProducer(t, o), 11, 20)
	storeUntil(400)
	for i := range conversations {
		var order []string
		for _, body := range s.bodies {
			if strings.HasPrefix(body, fmt.Sprintf("%d:", i)) {
				order = append(order, body)
			}
		}
		if len(order) != 20 || !slices.IsSorted(order) {
			t.Errorf("stored in the order %v", order)
		}
	}
	if ends := topicEnds(t, o); len(ends) != 6 || slices.Max(ends[3:]) == 0 {
		t.Errorf("the new partitions are not used: the ends are %v", ends)
	}
}
