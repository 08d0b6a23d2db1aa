package chat_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/chat/chattest"
)

// door blocks the calls to a port: each reports its arrival, then waits to be released.
type door struct{ came, letGo chan struct{} }

func newDoor() door { return door{make(chan struct{}, 100), make(chan struct{})} }

func (d door) wait() { d.came <- struct{}{}; <-d.letGo }

type slowLog struct {
	chat.Log
	door
}

func (l slowLog) Append(ctx context.Context, m chat.Message) (int64, error) {
	l.wait()
	return l.Log.Append(ctx, m)
}

type slowWrites struct {
	chat.Store
	door
}

func (d slowWrites) StoreDirect(
	ctx context.Context,
	id uuid.UUID,
	messages []chat.Message,
) (chat.StoredConversation, error) {
	d.wait()
	return d.Store.StoreDirect(ctx, id, messages)
}

// overload fills the slots and sends more. It returns the errors of the rejected
// sends, and those of the sends in the slots.
func (h *house) overload(s replica, d door, places, more int) (refused, accepted []error) {
	var inside sync.WaitGroup
	errs := make(chan error, places)
	for range places {
		inside.Go(func() { errs <- h.sendsBy(s) })
		<-d.came
	}

	for range more {
		refused = append(refused, h.sendsBy(s))
	}

	close(d.letGo)
	inside.Wait()
	close(errs)
	for err := range errs {
		accepted = append(accepted, err)
	}

	return refused, accepted
}

func (h *house) sendsBy(s replica) error {
	_, err := s.Send(ctx, h.ada, h.conversation, chat.NewMessage{ClientID: chat.NewID().String(), Body: "hi"})
	return err
}

func retryAfter(err error) time.Duration {
	if e, ok := err.(*chat.Error); ok {
		return e.RetryAfter
	}
	return 0
}

// TestSendsAboveTheLimitAreRejected: NotSent with a retry delay. Sends in flight and
// later ones succeed.
func TestSendsAboveTheLimitAreRejected(t *testing.T) {
	h := newHouse(t, limits{})
	d := newDoor()
	s := h.replicaOn(ports{log: slowLog{h.log, d}, limits: limits{messages: chat.MessageLimits{InFlight: 3}}})
	refused, accepted := h.overload(s, d, 3, 5)
	for _, err := range refused {
		if chat.KindOf(err) != chat.KindNotSent || retryAfter(err) < time.Second {
			t.Errorf("one too many: %v", err)
		}
	}

	for _, err := range append(accepted, h.sendsBy(s)) {
		if err != nil {
			t.Errorf("within the bound: %v", err)
		}
	}

	if got := len(h.log.Records()); got != 4 {
		t.Errorf("the log has %d", got)
	}
}

// TestDirectWritesAboveTheLimitAreRejected: NotSent if the log certainly has no
// record, else Unconfirmed.
func TestDirectWritesAboveTheLimitAreRejected(t *testing.T) {
	for name, tt := range map[string]struct {
		logErr error
		want   chat.Kind
	}{
		"down": {chattest.ErrDown, chat.KindNotSent}, "silent": {chattest.ErrSilent, chat.KindUnconfirmed},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, limits{})
			h.log.Err = tt.logErr
			d := newDoor()
			s := h.replicaOn(
				ports{store: slowWrites{h.store, d}, limits: limits{messages: chat.MessageLimits{DirectWrites: 2}}},
			)
			refused, accepted := h.overload(s, d, 2, 2)
			for _, err := range refused {
				if chat.KindOf(err) != tt.want || retryAfter(err) < time.Second {
					t.Errorf("one too many: %v", err)
				}
			}

			for _, err := range append(accepted, h.sendsBy(s)) {
				if err != nil {
					t.Errorf("within the bound: %v", err)
				}
			}
		})
	}
}
