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

func TestSentMeansInTheLog(t *testing.T) {
	h := newHarness(t, limits{})
	m, err := h.send("hi\r\nthere")
	if err != nil || m.LogOffset == nil || m.Seq != nil || m.Body != "hi\nthere" {
		t.Fatalf("got %+v, %v", m, err)
	}

	if got := h.log.Records(); len(got) != 1 || got[0].ID != m.ID {
		t.Errorf("the log has %v", got)
	}

	page, err := h.History(ctx, h.bob, h.conversation, chat.Range{})
	if err != nil || len(page.Pending) != 1 || page.Pending[0].ID != m.ID || len(page.Messages) != 0 {
		t.Errorf("history %+v, %v", page, err)
	}

	if !slices.Equal(h.received(), []chat.EventKind{chat.EventMessage}) {
		t.Errorf("Bob received %v", h.received())
	}
}

func TestWithoutAnAcknowledgementItIsStored(t *testing.T) {
	for name, logErr := range map[string]error{"down": chattest.ErrDown, "silent": chattest.ErrSilent} {
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
				t.Errorf("what was acknowledged earlier is not earlier: %+v, %v", page, err)
			}

			if !slices.Equal(h.received(), []chat.EventKind{chat.EventMessage, chat.EventMessage, chat.EventStored}) {
				t.Errorf("Bob received %v", h.received())
			}
		})
	}
}

// TestWithoutBothItsOwnComeFirst: when the bus fails and then the log, this replica's
// messages of the log are stored before its direct writes.
func TestWithoutBothItsOwnComeFirst(t *testing.T) {
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
		t.Errorf("what was acknowledged earlier is not earlier: %+v, %v", page, err)
	}
}

func TestAnAnswerThatComesLateDoesntDouble(t *testing.T) {
	h := newHarness(t, limits{})
	h.log.Err, h.log.Lost = chattest.ErrSilent, true // it is in the log, and nobody said so
	m, err := h.send("twice on the way")
	if err != nil {
		t.Fatal(err)
	}

	late := h.log.Records()[0]
	offset := int64(0)
	late.LogOffset = &offset
	h.bus.Announce(ctx, late, nil) // as if another replica had taken the retry
	page, err := h.History(ctx, h.bob, h.conversation, chat.Range{})
	if err != nil || len(page.Messages) != 1 || page.Messages[0].ID != m.ID || len(page.Pending) != 0 {
		t.Errorf("history %+v, %v", page, err)
	}

	stored, err := h.store.StoreDirect(ctx, h.conversation, []chat.Message{late})
	if err != nil || *stored.Seq(m.ID) != 1 {
		t.Errorf("the writer finds it new: %+v, %v", stored, err)
	}
}

func TestNotSentAndUnconfirmed(t *testing.T) {
	for name, tt := range map[string]struct {
		log   error
		store func(*chattest.Store)
		kind  chat.Kind
	}{
		"nothing took it":                 {chattest.ErrDown, func(s *chattest.Store) { s.Down = true }, chat.KindNotSent},
		"the log may have it":             {chattest.ErrSilent, func(s *chattest.Store) { s.Down = true }, chat.KindUnconfirmed},
		"the store may have it":           {chattest.ErrDown, func(s *chattest.Store) { s.Unsure = true }, chat.KindUnconfirmed},
		"either may, and neither said so": {chattest.ErrSilent, func(s *chattest.Store) { s.Unsure = true }, chat.KindUnconfirmed},
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
				t.Fatalf("got %v, want %s", err, tt.kind)
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
				t.Errorf("sent again, it is there %d times", n)
			}
		})
	}
}

func TestADoubleClickIsOneMessage(t *testing.T) {
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
				t.Errorf("a retry answers %+v, %v", m, err)
			}
		}()
	}

	wg.Wait()
	if n := len(h.log.Records()); n != 1 {
		t.Errorf("the log has it %d times", n)
	}

	_, err = h.send("another") // a retry costs no budget; another message does
	if chat.KindOf(err) != chat.KindTooFast {
		t.Errorf("past the limit: %v", err)
	}
}

func TestOnlyMembers(t *testing.T) {
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
			t.Errorf("%s: %v, and where nothing is %v", name, theirs, nothing)
		}
	}

	for _, p := range h.bus.Published {
		if p.To == eve.ID {
			t.Errorf("Eve was sent %+v", p.Event)
		}
	}
}

func TestAFullTailRefuses(t *testing.T) {
	h := newHarness(t, limits{})
	h.bus.Full = true
	_, err := h.send("one too many")
	var e *chat.Error
	if !errors.As(err, &e) || e.Kind != chat.KindUnavailable || e.RetryAfter == 0 {
		t.Errorf("got %v", err)
	}

	if n := len(h.log.Records()); n != 0 {
		t.Errorf("the log has the message")
	}
}

func TestMarksTellTheMembersWhenTheyMove(t *testing.T) {
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

	if len(h.bus.Published) != 2 { // one event, to each of two
		t.Fatalf("published %v", h.bus.Published)
	}

	if e, ok := h.bus.Published[0].Event.(chat.ReadEvent); !ok || e.Seq != 1 || e.Person != h.bob.ID {
		t.Errorf("published %+v", h.bus.Published[0])
	}

	if err := h.MarkRead(ctx, h.bob, h.conversation, -1); chat.KindOf(err) != chat.KindInvalid {
		t.Errorf("a negative mark: %v", err)
	}
}

// rejectingStore rejects batches with a text.
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

// TestATailThatCanNotBeStored blocks no direct write: the rest of the tail is stored
// first, in its order.
func TestATailThatCanNotBeStored(t *testing.T) {
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
		t.Errorf("poison itself: %v", err)
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
		t.Errorf("stored are %v; %d wait", bodies, len(page.Pending))
	}
}

// TestMessageBudgetIsSpentFromBothOrNeither: a send that the conversation's limit
// rejects costs the sender nothing.
func TestMessageBudgetIsSpentFromBothOrNeither(t *testing.T) {
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
			t.Fatalf("the conversation has no limit: %v", err)
		}
	}

	if err := send(other.ID); err != nil {
		t.Errorf("refused sends cost the sender: %v", err)
	}
}
