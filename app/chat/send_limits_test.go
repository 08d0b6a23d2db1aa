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

// gate blocks the calls to a port: each reports its arrival, then waits to be released.
type gate struct{ arrived, released chan struct{} }

func newGate() gate { return gate{make(chan struct{}, 100), make(chan struct{})} }

func (d gate) wait() { d.arrived <- struct{}{}; <-d.released }

type gatedLog struct {
	chat.Log
	gate
}

func (l gatedLog) Append(ctx context.Context, m chat.Message) (int64, error) {
	l.wait()
	return l.Log.Append(ctx, m)
}

type gatedStore struct {
	chat.Store
	gate
}

func (d gatedStore) StoreDirect(
	ctx context.Context,
	id uuid.UUID,
	messages []chat.Message,
) (chat.StoredConversation, error) {
	d.wait()
	return d.Store.StoreDirect(ctx, id, messages)
}

// overload fills the slots and sends more. It returns the errors of the rejected
// sends, and those of the sends in the slots.
func (h *harness) overload(s replica, d gate, slots, more int) (rejected, accepted []error) {
	var inside sync.WaitGroup
	errs := make(chan error, slots)
	for range slots {
		inside.Go(func() { errs <- h.sendOn(s) })
		<-d.arrived
	}

	for range more {
		rejected = append(rejected, h.sendOn(s))
	}

	close(d.released)
	inside.Wait()
	close(errs)
	for err := range errs {
		accepted = append(accepted, err)
	}

	return rejected, accepted
}

func (h *harness) sendOn(s replica) error {
	_, err := s.Send(ctx, h.ada, h.conversation, newText("hi"))
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
	h := newHarness(t, limits{})
	d := newGate()
	s := h.replicaOn(ports{log: gatedLog{h.log, d}, limits: limits{messages: chat.MessageLimits{InFlight: 3}}})
	rejected, accepted := h.overload(s, d, 3, 5)
	for _, err := range rejected {
		if chat.KindOf(err) != chat.KindNotSent || retryAfter(err) < time.Second {
			t.Errorf("one too many: %v", err)
		}
	}

	for _, err := range append(accepted, h.sendOn(s)) {
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
			h := newHarness(t, limits{})
			h.log.Err = tt.logErr
			d := newGate()
			s := h.replicaOn(
				ports{store: gatedStore{h.store, d}, limits: limits{messages: chat.MessageLimits{DirectWrites: 2}}},
			)
			rejected, accepted := h.overload(s, d, 2, 2)
			for _, err := range rejected {
				if chat.KindOf(err) != tt.want || retryAfter(err) < time.Second {
					t.Errorf("one too many: %v", err)
				}
			}

			for _, err := range append(accepted, h.sendOn(s)) {
				if err != nil {
					t.Errorf("within the bound: %v", err)
				}
			}
		})
	}
}
