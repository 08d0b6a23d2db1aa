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

// gate blocks the calls to a port: each call signals arrived, then waits for released.
type gate struct{ arrived, released chan struct{} }

func newGate() gate { return gate{make(chan struct{}, 100), make(chan struct{})} }

func (d gate) wait() { d.arrived <- struct{}{}; <-d.released }

// gatedLog blocks Append at its gate.
type gatedLog struct {
	chat.Log
	gate
}

func (l gatedLog) Append(ctx context.Context, m chat.Message) (int64, error) {
	l.wait()
	return l.Log.Append(ctx, m)
}

// gatedStore blocks StoreDirect at its gate.
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

// sendOn sends a message by Ada on a replica.
func (h *harness) sendOn(s replica) error {
	_, err := s.Send(ctx, h.ada, h.conversation, newText("hi"))
	return err
}

// retryAfter returns the retry delay of an error, or 0.
func retryAfter(err error) time.Duration {
	if e, ok := err.(*chat.Error); ok {
		return e.RetryAfter
	}
	return 0
}

// TestSendsAboveTheLimitAreRejected: the error is NotSent with a retry delay. Sends in
// flight and later sends succeed.
func TestSendsAboveTheLimitAreRejected(t *testing.T) {
	h := newHarness(t, limits{})
	d := newGate()
	s := h.replicaOn(ports{log: gatedLog{h.log, d}, limits: limits{messages: chat.MessageLimits{InFlight: 3}}})
	rejected, accepted := h.overload(s, d, 3, 5)
	for _, err := range rejected {
		if chat.KindOf(err) != chat.KindNotSent || retryAfter(err) < time.Second {
			t.Errorf("rejected send: got %v, want NotSent with a retry delay", err)
		}
	}

	for _, err := range append(accepted, h.sendOn(s)) {
		if err != nil {
			t.Errorf("accepted send: got error %v, want nil", err)
		}
	}

	if got := len(h.log.Records()); got != 4 {
		t.Errorf("got %d records in the log, want 4", got)
	}
}

// TestDirectWritesAboveTheLimitAreRejected: the error is NotSent if the log certainly has
// no record, else Unconfirmed.
func TestDirectWritesAboveTheLimitAreRejected(t *testing.T) {
	for name, tt := range map[string]struct {
		logErr error
		want   chat.Kind
	}{
		"log down":           {chattest.ErrDown, chat.KindNotSent},
		"no acknowledgement": {chattest.ErrSilent, chat.KindUnconfirmed},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, limits{})
			h.log.Err = tt.logErr
			d := newGate()
			limits := limits{messages: chat.MessageLimits{DirectWrites: 2}}
			s := h.replicaOn(ports{store: gatedStore{h.store, d}, limits: limits})
			rejected, accepted := h.overload(s, d, 2, 2)
			for _, err := range rejected {
				if chat.KindOf(err) != tt.want || retryAfter(err) < time.Second {
					t.Errorf("rejected send: got %v, want %s with a retry delay", err, tt.want)
				}
			}

			for _, err := range append(accepted, h.sendOn(s)) {
				if err != nil {
					t.Errorf("accepted send: got error %v, want nil", err)
				}
			}
		})
	}
}
