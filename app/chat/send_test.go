package chat_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/chat/chattest"
	"parley/app/limit"
)

func TestSendAppendsToTheLog(t *testing.T) {
	h := newHarness(t, limits{})
	m, err := h.send("hi\r\nthere")
	if err != nil || m.LogOffset == nil || m.Seq != nil || m.Body != "hi\nthere" {
		t.Fatalf("got %+v, %v", m, err)
	}

	if got := h.log.Records(); len(got) != 1 || got[0].ID != m.ID {
		t.Errorf("got records %v, want the message", got)
	}

	page, err := h.History(ctx, h.bob, h.conversation, chat.Range{})
	if err != nil || len(page.Pending) != 1 || page.Pending[0].ID != m.ID || len(page.Messages) != 0 {
		t.Errorf("got history %+v, %v, want the message once", page, err)
	}

	if !slices.Equal(h.received(), []chat.EventKind{chat.EventMessage}) {
		t.Errorf("got events %v", h.received())
	}
}

func TestSendWithoutLogStoresDirectly(t *testing.T) {
	for name, logErr := range map[string]error{"log down": chattest.ErrDown, "no acknowledgement": chattest.ErrSilent} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, limits{})
			first, err := h.send("acknowledged before")
			if err != nil {
				t.Fatal(err)
			}

			h.log.Err = logErr
			m, err := h.send("stored directly")
			if err != nil || m.Seq == nil || *m.Seq != 2 || m.LogOffset != nil {
				t.Fatalf("got %+v, %v", m, err)
			}

			page, err := h.History(ctx, h.bob, h.conversation, chat.Range{})
			if err != nil || len(page.Messages) != 2 || page.Messages[0].ID != first.ID || len(page.Pending) != 0 {
				t.Errorf("got %+v, %v, want 2 messages, the acknowledged one first", page, err)
			}

			if !slices.Equal(h.received(), []chat.EventKind{chat.EventMessage, chat.EventMessage, chat.EventStored}) {
				t.Errorf("got events %v", h.received())
			}
		})
	}
}

// TestDirectWritesFollowAcknowledgedMessages: when the bus fails and then the log, this
// replica's acknowledged messages are stored before its direct writes.
func TestDirectWritesFollowAcknowledgedMessages(t *testing.T) {
	h := newHarness(t, limits{})
	h.bus.Down = true
	first, err := h.send("acknowledged, in no tail")
	if err != nil || first.LogOffset == nil {
		t.Fatalf("got %+v, %v", first, err)
	}

	h.log.Err = chattest.ErrDown
	m, err := h.send("stored directly")
	if err != nil || m.Seq == nil || *m.Seq != 2 {
		t.Fatalf("got %+v, %v", m, err)
	}

	page, err := h.History(ctx, h.bob, h.conversation, chat.Range{})
	if err != nil || len(page.Messages) != 2 || page.Messages[0].ID != first.ID {
		t.Errorf("got %+v, %v, want 2 messages, the acknowledged one first", page, err)
	}
}

func TestLostAcknowledgementCreatesNoDuplicate(t *testing.T) {
	h := newHarness(t, limits{})
	h.log.Err, h.log.Lost = chattest.ErrSilent, true // appended, but not acknowledged
	m, err := h.send("in the log and the store")
	if err != nil {
		t.Fatal(err)
	}

	late := h.log.Records()[0]
	offset := int64(0)
	late.LogOffset = &offset
	h.bus.Announce(ctx, late, chat.Audience{}) // as another replica does for a retry
	page, err := h.History(ctx, h.bob, h.conversation, chat.Range{})
	if err != nil || len(page.Messages) != 1 || page.Messages[0].ID != m.ID || len(page.Pending) != 0 {
		t.Errorf("got history %+v, %v, want the message once", page, err)
	}

	stored, err := h.store.StoreDirect(ctx, h.conversation, []chat.Message{late})
	if err != nil || *stored.Seq(m.ID) != 1 {
		t.Errorf("second write: got %+v, %v, want seq 1", stored, err)
	}
}

func TestNotSentAndUnconfirmed(t *testing.T) {
	storeDown := func(s *chattest.Store) { s.Down = true }
	storeUnconfirmed := func(s *chattest.Store) { s.Unsure = true }
	for name, tt := range map[string]struct {
		log   error
		store func(*chattest.Store)
		kind  chat.Kind
	}{
		"log and store down":                    {chattest.ErrDown, storeDown, chat.KindNotSent},
		"log unacknowledged, store down":        {chattest.ErrSilent, storeDown, chat.KindUnconfirmed},
		"log down, store unconfirmed":           {chattest.ErrDown, storeUnconfirmed, chat.KindUnconfirmed},
		"log unacknowledged, store unconfirmed": {chattest.ErrSilent, storeUnconfirmed, chat.KindUnconfirmed},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, limits{})
			if _, err := h.send("before"); err != nil { // membership is cached from here on
				t.Fatal(err)
			}

			in := newText("hi")
			h.log.Err = tt.log
			tt.store(h.store)
			if _, err := h.Send(ctx, h.ada, h.conversation, in); chat.KindOf(err) != tt.kind {
				t.Fatalf("first send: got %v, want %s", err, tt.kind)
			}

			h.log.Err, h.store.Down = nil, false
			again, err := h.Send(ctx, h.ada, h.conversation, in)
			if err != nil {
				t.Fatal(err)
			}

			page, err := h.History(ctx, h.bob, h.conversation, chat.Range{})
			if err != nil {
				t.Fatal(err)
			}

			n := 0
			for _, m := range append(page.Messages, page.Pending...) {
				if m.ID == again.ID {
					n++
				}
			}

			if n != 1 {
				t.Errorf("after a retry: got the message %d times, want 1", n)
			}
		})
	}
}

func TestRetriedSendIsOneMessage(t *testing.T) {
	h := newHarness(t, limits{messages: chat.MessageLimits{PerPerson: limit.Rate{Burst: 1, PerSecond: 0.001}}})
	in := newText("hi")
	first, err := h.Send(ctx, h.ada, h.conversation, in)
	if err != nil {
		t.Fatal(err)
	}

	var wg sync.WaitGroup
	for range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if m, err := h.Send(ctx, h.ada, h.conversation, in); err != nil || m.ID != first.ID ||
				m.SentAt != first.SentAt {
				t.Errorf("retry: got %+v, %v, want the first message", m, err)
			}
		}()
	}

	wg.Wait()
	if n := len(h.log.Records()); n != 1 {
		t.Errorf("got %d records in the log, want 1", n)
	}

	_, err = h.send("another") // a retry costs no rate limit token, another message does
	if chat.KindOf(err) != chat.KindTooFast {
		t.Errorf("above the limit: got %v, want TooFast", err)
	}
}

func TestStrangersHaveNoAccess(t *testing.T) {
	h := newHarness(t, limits{})
	eve := h.signIn("Eve").Person
	if _, err := h.send("secret"); err != nil {
		t.Fatal(err)
	}

	nowhere := uuid.New()
	for name, try := range map[string]func(uuid.UUID) error{
		"send": func(id uuid.UUID) error {
			_, err := h.Send(ctx, eve, id, newText("hi"))
			return err
		},
		"read":      func(id uuid.UUID) error { _, err := h.History(ctx, eve, id, chat.Range{}); return err },
		"mark":      func(id uuid.UUID) error { return h.MarkRead(ctx, eve, id, 1) },
		"delivered": func(id uuid.UUID) error { return h.MarkDelivered(ctx, eve, id, 1) },
	} {
		theirs, nothing := try(h.conversation), try(nowhere)
		if chat.KindOf(theirs) != chat.KindNotFound || theirs.Error() != nothing.Error() {
			t.Errorf("%s: got %v, want NotFound like an unknown conversation: %v", name, theirs, nothing)
		}
	}

	for _, p := range h.bus.Published {
		if p.To == eve.ID {
			t.Errorf("events of a stranger: got %+v, want none", p.Event)
		}
	}
}

func TestSendToAFullTailIsRejected(t *testing.T) {
	h := newHarness(t, limits{})
	h.bus.Full = true
	_, err := h.send("one too many")
	var e *chat.Error
	if !errors.As(err, &e) || e.Kind != chat.KindUnavailable || e.RetryAfter == 0 {
		t.Errorf("got %v, want Unavailable with a retry delay", err)
	}

	if n := len(h.log.Records()); n != 0 {
		t.Errorf("got %d records in the log, want 0", n)
	}
}

func TestMarksArePublishedOnce(t *testing.T) {
	h := newHarness(t, limits{})
	h.log.Err = chattest.ErrDown
	if _, err := h.send("hi"); err != nil {
		t.Fatal(err)
	}

	h.bus.Published = nil
	for range 2 {
		if err := h.MarkRead(ctx, h.bob, h.conversation, 99); err != nil {
			t.Fatal(err)
		}
	}

	if len(h.bus.Published) != 2 { // one event for each member
		t.Fatalf("got %v, want 2 events", h.bus.Published)
	}

	if e, ok := h.bus.Published[0].Event.(chat.ReadEvent); !ok || e.Seq != 1 || e.Person != h.bob.ID {
		t.Errorf("got %+v, want a read event of Bob at 1", h.bus.Published[0])
	}

	if err := h.MarkRead(ctx, h.bob, h.conversation, -1); chat.KindOf(err) != chat.KindInvalid {
		t.Errorf("negative mark: got %v, want Invalid", err)
	}
}

// rejectingStore rejects batches that have a message with the text poison.
type rejectingStore struct {
	chat.Store
	poison string
}

func (s rejectingStore) StoreDirect(
	ctx context.Context,
	id uuid.UUID,
	messages []chat.Message,
) (chat.StoredConversation, error) {
	if slices.ContainsFunc(messages, func(m chat.Message) bool { return m.Body == s.poison }) {
		return chat.StoredConversation{}, chat.ErrContent
	}
	return s.Store.StoreDirect(ctx, id, messages)
}

// TestRejectedTailMessageBlocksNoDirectWrite: the rest of the tail is stored before the
// direct write, in its order.
func TestRejectedTailMessageBlocksNoDirectWrite(t *testing.T) {
	h := newHarness(t, limits{})
	rejecting := h.replicaOn(ports{store: rejectingStore{h.store, "poison"}})
	send := func(body string) error {
		_, err := rejecting.Send(ctx, h.ada, h.conversation, newText(body))
		return err
	}

	for _, body := range []string{"one", "poison", "two"} {
		if err := send(body); err != nil {
			t.Fatal(err)
		}
	}

	h.log.Err = chattest.ErrDown
	if err := send("three"); err != nil {
		t.Fatal(err)
	}

	if err := send("poison"); chat.KindOf(err) != chat.KindNotSent {
		t.Errorf("rejected message: got %v, want NotSent", err)
	}

	page, err := rejecting.History(ctx, h.ada, h.conversation, chat.Range{})
	if err != nil {
		t.Fatal(err)
	}

	var bodies []string
	for _, m := range page.Messages {
		bodies = append(bodies, m.Body)
	}

	if !slices.Equal(bodies, []string{"one", "two", "three"}) || len(page.Pending) != 1 {
		t.Errorf("got %v stored, %d pending, want 3 and 1", bodies, len(page.Pending))
	}
}

// TestRejectedSendCostsNoToken: a send that the rate limit of the conversation rejects
// costs no token of the sender.
func TestRejectedSendCostsNoToken(t *testing.T) {
	h := newHarness(t, limits{messages: chat.MessageLimits{
		PerPerson:       limit.Rate{Burst: 2, PerSecond: 1},
		PerConversation: limit.Rate{Burst: 1, PerSecond: 1},
	}})
	eve := h.signIn("Eve").Person
	chattest.Befriend(t, h.store, h.ada, eve)
	other, _, err := h.OpenDirect(ctx, h.ada, eve.ID)
	if err != nil {
		t.Fatal(err)
	}

	send := func(to uuid.UUID) error {
		_, err := h.Send(ctx, h.ada, to, newText("hi"))
		return err
	}

	if err := send(h.conversation); err != nil {
		t.Fatal(err)
	}

	for range 5 {
		if err := send(h.conversation); chat.KindOf(err) != chat.KindTooFast || retryAfter(err) < time.Second {
			t.Fatalf("limit of the conversation: got %v, want TooFast with a retry delay", err)
		}
	}

	if err := send(other.ID); err != nil {
		t.Errorf("another conversation: got error %v, want nil", err)
	}
}
