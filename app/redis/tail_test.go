package redis

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

func TestTail(t *testing.T) {
	bus, _ := startBus(t, redisURL(t), BusOptions{})
	ctx, ada, conversation := context.Background(), uuid.New(), uuid.New()
	announce := func(offset int64, body string) {
		bus.Announce(ctx, message(conversation, ada, offset, body), chat.Audience{})
	}
	stored := func(c chat.StoredConversation) {
		c.ConversationID = conversation
		bus.Stored(ctx, []chat.StoredConversation{c})
	}

	through := func(n int64) chat.StoredConversation { return chat.StoredConversation{Through: &n} }
	expect := func(step, want string) {
		t.Helper()
		pending, err := bus.Pending(ctx, conversation)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, m := range pending {
			got += m.Body
		}
		if got != want {
			t.Errorf("%s: the tail is %q, want %q", step, got, want)
		}
	}

	for i, body := range []string{"a", "b", "c", "d", "e"} {
		announce(int64(i), body)
	}

	expect("after five messages", "abcde")
	stored(chat.StoredConversation{Offsets: []int64{3}})
	expect("after a direct write of one", "abce")
	stored(through(1))
	expect("after a batch of the writer", "ce")

	announce(1, "stored before it was announced")
	announce(9, "z")
	announce(5, "m") // acknowledged later than z, earlier in the log
	expect("in log order", "cemz")

	stored(through(0)) // a redelivery, which must not move the stored mark back
	announce(1, "stored before it was announced")
	expect("after a redelivery", "cemz")

	stored(through(9))
	expect("after everything is stored", "")
	if n, err := bus.client.Exists(ctx, tailKeys(conversation)[:2]...).Result(); err != nil || n != 0 {
		t.Errorf("an empty tail has %d keys, want 0: %v", n, err)
	}
}

// TestClearStoredMarks announces an offset below the stored mark before and after the
// marks are cleared.
func TestClearStoredMarks(t *testing.T) { testClearStoredMarks(t, startRedis(t).URL) }

func testClearStoredMarks(t *testing.T, url string) {
	t.Helper()
	bus, _ := startBus(t, url, BusOptions{})
	ctx, conversation, through := context.Background(), uuid.New(), int64(5000)
	bus.Stored(ctx, []chat.StoredConversation{{ConversationID: conversation, Through: &through}})
	for _, want := range []int{0, 1} {
		bus.Announce(ctx, message(conversation, uuid.New(), 0, "first of another partition"), chat.Audience{})
		if pending, err := bus.Pending(ctx, conversation); err != nil || len(pending) != want {
			t.Errorf("%d messages are pending, want %d: %v", len(pending), want, err)
		}
		if err := ClearStoredMarks(ctx, bus.client); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFullTail(t *testing.T) {
	bus, _ := startBus(t, redisURL(t), BusOptions{})
	ctx, ada, conversation := context.Background(), uuid.New(), uuid.New()
	body := strings.Repeat("x", chat.MaxBodyBytes)
	var offset int64
	for ; !bus.TailFull(ctx, conversation); offset++ {
		if offset > 1000 {
			t.Fatal("a tail of 16 MB is not full")
		}
		bus.Announce(ctx, message(conversation, ada, offset, body), chat.Audience{})
	}

	if offset < 400 {
		t.Errorf("the tail is full after %d messages of 16 KB, want at least 400", offset)
	}
	if bus.TailFull(ctx, uuid.New()) {
		t.Error("the tail of another conversation is full")
	}

	bus.Stored(ctx, []chat.StoredConversation{{ConversationID: conversation, Through: &offset}})
	if bus.TailFull(ctx, conversation) {
		t.Error("the tail is full after everything was stored")
	}
}
