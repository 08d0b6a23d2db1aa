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

func endsOf(t *testing.T, o Options) []kafka.Offset {
	t.Helper()
	admin, err := kafka.NewAdminClient(base(o))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	found, err := offsets(ctx, admin, o.Topic, kafka.LatestOffsetSpec)
	if err != nil {
		t.Fatal(err)
	}
	ends := make([]kafka.Offset, len(found))
	for partition, end := range found {
		ends[partition] = end
	}
	return ends
}

// TestTheTopicGrows: done as the guide says, each conversation's messages are stored in the order in which they were sent, before and after; and
// it isn't done while something is unread, read, or sent.
func TestTheTopicGrows(t *testing.T) {
	o := ownLog(t)
	var talks []uuid.UUID
	for range 20 {
		talks = append(talks, uuid.New())
	}
	sends := func(p *Producer, from, to int) {
		t.Helper()
		for n := from; n < to; n++ {
			for i, talk := range talks {
				if _, err := p.Append(ctx, message(talk, fmt.Sprintf("%d:%03d", i, n))); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	prepared := 0
	prepare := func() error { prepared++; return nil }
	p := newProducer(t, o)
	sends(p, 0, 10)
	if _, err := Grow(ctx, o, 6, prepare); !errors.Is(err, ErrUnread) {
		t.Fatalf("with unread messages: %v", err)
	}
	s := &shelf{}
	stop := runWriter(t, o, s, s, nil, 0)
	wait.Until(t, "all is stored", s.has(200))
	if _, err := Grow(ctx, o, 6, prepare); !errors.Is(err, ErrGroupAtWork) {
		t.Errorf("while a writer runs: %v", err)
	}
	stop()
	if n, err := Grow(ctx, o, 2, prepare); n != 3 || err == nil || !strings.Contains(err.Error(), "can't take any away") {
		t.Errorf("smaller: %d, %v", n, err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		sends(p, 10, 11)
	}()
	if _, err := Grow(ctx, o, 6, prepare); !errors.Is(err, ErrSending) && !errors.Is(err, ErrUnread) {
		t.Errorf("while messages are sent: %v", err)
	}
	<-done
	stop = runWriter(t, o, s, s, nil, 0)
	wait.Until(t, "all is stored", s.has(220))
	stop()

	if prepared > 0 {
		t.Error("prepared, and then refused")
	}
	if _, err := Grow(ctx, o, 6, func() error { return errDown }); !errors.Is(err, errDown) || len(endsOf(t, o)) != 3 {
		t.Errorf("grown unprepared: %v", err)
	}
	for range 2 { // the second time it has been done
		if _, err := Grow(ctx, o, 6, prepare); err != nil {
			t.Fatal(err)
		}
	}
	o.Partitions = 6
	p = newProducer(t, o)
	sends(p, 11, 20)
	stop = runWriter(t, o, s, s, nil, 0)
	wait.Until(t, "all is stored", s.has(400))
	stop()
	for i := range talks {
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
	if ends := endsOf(t, o); len(ends) != 6 || slices.Max(ends[3:]) == 0 {
		t.Errorf("nobody uses the new partitions: %v", ends)
	}
}
