package chattest

import (
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

// TestBus is the conformance suite of a chat.Bus' tails. open returns a bus that is available.
func TestBus(t *testing.T, open func(t *testing.T) chat.Bus) {
	ada := chat.Person{ID: uuid.New(), Name: "Ada"}
	pending := func(t *testing.T, b chat.Bus, id uuid.UUID) (bodies string) {
		t.Helper()
		messages, err := b.Pending(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			bodies += m.Body
		}
		return bodies
	}

	at := func(n int64) *int64 { return &n }
	t.Run("tail is in log order without duplicates", func(t *testing.T) {
		b, id := open(t), uuid.New()
		for i, body := range []string{"a", "b", "c"} {
			m := newMessage(ada, id, body, i)
			m.LogOffset = at(int64(10 - i))
			b.Announce(ctx, m, chat.Audience{})
			b.Announce(ctx, m, chat.Audience{})
		}
		if got := pending(t, b, id); got != "cba" {
			t.Errorf("got pending %q", got)
		}
		messages, _ := b.Pending(ctx, id)
		if messages[0].Sender != ada || *messages[0].LogOffset != 8 || messages[0].Seq != nil {
			t.Errorf("got %+v, want the announced message", messages[0])
		}
	})
	t.Run("stored messages are removed", func(t *testing.T) {
		b, id := open(t), uuid.New()
		for i, body := range []string{"a", "b", "c", "d"} {
			m := newMessage(ada, id, body, i)
			m.LogOffset = at(int64(i))
			b.Announce(ctx, m, chat.Audience{})
		}
		b.Stored(ctx, []chat.StoredConversation{{ConversationID: id, Offsets: []int64{2}}})
		b.Stored(ctx, []chat.StoredConversation{{ConversationID: id, Through: at(0)}})
		if got := pending(t, b, id); got != "bd" {
			t.Errorf("got pending %q", got)
		}
		late := newMessage(ada, id, "late", 9)
		late.LogOffset = at(0)
		b.Announce(ctx, late, chat.Audience{})
		if got := pending(t, b, id); got != "bd" {
			t.Errorf("announced below the mark of the writer: got pending %q, want %q", got, "bd")
		}
	})
	t.Run("direct write is not pending", func(t *testing.T) {
		b, id := open(t), uuid.New()
		m := newMessage(ada, id, "direct", 0)
		m.Seq = at(1)
		b.Announce(ctx, m, chat.Audience{})
		if got := pending(t, b, id); got != "" {
			t.Errorf("got pending %q", got)
		}
	})
}
