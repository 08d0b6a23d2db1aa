package chat_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/chat/chattest"
)

// presenceEvents returns the presence events of Ada that were published to Bob, in order.
func (h *harness) presenceEvents() (all []chat.PresenceEvent) {
	for _, p := range h.bus.Published {
		if e, ok := p.Event.(chat.PresenceEvent); ok && p.To == h.bob.ID {
			all = append(all, e)
		}
	}
	return all
}

// presenceChanged publishes the presence of people.
func (h *harness) presenceChanged(people ...chat.Person) {
	h.t.Helper()
	var ids []uuid.UUID
	for _, p := range people {
		ids = append(ids, p.ID)
	}
	if err := h.PresenceChanged(ctx, ids); err != nil {
		h.t.Fatal(err)
	}
}

// adaPresence returns Ada's presence as Bob sees it: among his friends, in his list and in
// their conversation.
func (h *harness) adaPresence() (friend, listed, open chat.Member) {
	h.t.Helper()
	friends, err := h.Friends(ctx, h.bob, "")
	if err != nil {
		h.t.Fatal(err)
	}

	for _, f := range friends.Friends {
		if f.ID == h.ada.ID {
			friend.Presence = f.Presence
		}
	}

	list, err := h.Conversations(ctx, h.bob, chat.ConversationQuery{})
	if err != nil {
		h.t.Fatal(err)
	}

	page, err := h.History(ctx, h.bob, h.conversation, chat.Range{})
	if err != nil {
		h.t.Fatal(err)
	}

	return friend, list.Conversations[0].Peer(h.bob.ID), page.Conversation.Peer(h.bob.ID)
}

// checkAdaPresence compares the three views of Ada by Bob.
func (h *harness) checkAdaPresence(want chat.Presence, lastSeen bool) {
	h.t.Helper()
	friend, listed, open := h.adaPresence()
	if friend.Presence != want || listed.Presence != want || open.Presence != want {
		h.t.Errorf(
			"got presence %q among friends, %q in the list, %q in the conversation, want %q",
			friend.Presence,
			listed.Presence,
			open.Presence,
			want,
		)
	}

	if (listed.SeenAt != nil) != lastSeen || (open.SeenAt != nil) != lastSeen {
		h.t.Errorf("got last seen %v in the list, %v in the conversation", listed.SeenAt, open.SeenAt)
	}
}

func TestPresenceIsPublishedToOnlineFriends(t *testing.T) {
	h := newHarness(t, limits{})
	cleo := h.signIn("Cleo").Person
	h.checkAdaPresence(chat.Offline, false)
	h.presence.Arrive(h.ada.ID)
	h.presenceChanged(h.ada)
	if got := h.presenceEvents(); len(got) != 0 {
		t.Errorf("events of an offline friend: got %v, want none", got)
	}

	h.presence.Arrive(h.bob.ID)
	h.presenceChanged(h.ada, h.bob)
	got := h.presenceEvents()
	if len(got) != 1 || got[0] != (chat.PresenceEvent{Person: h.ada.ID, Presence: chat.Online}) {
		t.Errorf("events of Bob: got %v", got)
	}

	h.checkAdaPresence(chat.Online, false)
	h.presence.Leave(h.ada.ID)
	h.presenceChanged(h.ada)
	got = h.presenceEvents()
	minute := h.now.UTC().Truncate(time.Minute).Format(time.RFC3339)
	if len(got) != 2 ||
		got[1] != (chat.PresenceEvent{Person: h.ada.ID, Presence: chat.Offline, LastSeen: minute}) {
		t.Errorf("events of Bob: got %v", got)
	}

	h.checkAdaPresence(chat.Offline, true)
	for _, p := range h.bus.Published {
		if p.To == cleo.ID || p.To == h.ada.ID && p.Event.(chat.PresenceEvent).Person == h.ada.ID {
			t.Errorf("got event %v for %v, want events for friends only", p.Event, p.To)
		}
	}
}

func TestPresenceIsReadWhenItIsPublished(t *testing.T) {
	h := newHarness(t, limits{})
	h.presence.Arrive(h.bob.ID)
	h.presence.Arrive(h.ada.ID) // she left and returned before the publication
	h.presenceChanged(h.ada)
	if got := h.presenceEvents(); len(got) != 1 || got[0].Presence != chat.Online {
		t.Errorf("events of Bob: got %v", got)
	}

	h.store.Down = true
	if err := h.PresenceChanged(ctx, []uuid.UUID{h.ada.ID}); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("store down: got %v, want Unavailable, so that the caller retries", err)
	}

	h.store.Down, h.presence.Down = false, true
	if err := h.PresenceChanged(ctx, []uuid.UUID{h.ada.ID}); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("presence registry down: got %v, want Unavailable, so that the caller retries", err)
	}
}

func TestPresenceIsUnknownWithoutTheRegistry(t *testing.T) {
	h := newHarness(t, limits{})
	h.presence.Arrive(h.ada.ID)
	h.presence.Down = true
	h.checkAdaPresence(chat.PresenceUnknown, false)
}

func TestHiddenPresence(t *testing.T) {
	h := newHarness(t, limits{})
	h.presence.Arrive(h.ada.ID)
	h.presence.Arrive(h.bob.ID)
	h.presence.Leave(h.ada.ID)
	h.presenceChanged(h.ada)
	h.checkAdaPresence(chat.Offline, true)
	h.presence.Arrive(h.ada.ID)

	h.store.Hidden[h.ada.ID] = true
	h.bus.Published = nil
	if err := h.SharePresenceChanged(ctx, h.ada.ID); err != nil {
		t.Fatal(err)
	}

	got := h.presenceEvents()
	if len(got) != 1 || got[0] != (chat.PresenceEvent{Person: h.ada.ID, Presence: chat.Offline}) {
		t.Errorf("events of Bob: got %v", got)
	}

	h.checkAdaPresence(chat.Offline, false)
	h.presence.Leave(h.ada.ID)
	h.presenceChanged(h.ada)
	h.presence.Arrive(h.ada.ID)
	h.presenceChanged(h.ada, h.bob)
	if got := h.presenceEvents(); len(got) != 1 {
		t.Errorf("events of a hidden person: got %v, want none after the first", got)
	}

	for _, p := range h.bus.Published {
		if p.To == h.ada.ID {
			t.Errorf("event for a hidden person: got %v, want none", p.Event)
		}
	}

	page, err := h.History(ctx, h.ada, h.conversation, chat.Range{})
	if bob := page.Conversation.Peer(h.ada.ID); err != nil || bob.Presence != chat.PresenceUnknown ||
		bob.SeenAt != nil {
		t.Errorf("Bob as seen by a hidden person: got %+v, %v, want unknown presence", bob, err)
	}

	h.store.Hidden[h.ada.ID] = false
	h.now = h.now.Add(5 * time.Second)
	if err := h.SharePresenceChanged(ctx, h.ada.ID); err != nil {
		t.Fatal(err)
	}

	if got := h.presenceEvents(); len(got) != 2 || got[1].Presence != chat.Online {
		t.Errorf("shown again: got %v, want a second event, online", got)
	}
}

func TestPresenceIsNotPublishedAbove500Friends(t *testing.T) {
	h := newHarness(t, limits{})
	h.presence.Arrive(h.bob.ID)
	h.presence.Arrive(h.ada.ID)
	for i := range 499 { // with Bob they are 500
		chattest.Befriend(t, h.store, h.ada, h.signIn(fmt.Sprintf("Friend %d", i)).Person)
	}

	h.presenceChanged(h.ada)
	if got := h.presenceEvents(); len(got) != 1 {
		t.Errorf("person with 500 friends: got %v, want 1 event", got)
	}

	chattest.Befriend(t, h.store, h.ada, h.signIn("One too many").Person)
	h.presenceChanged(h.ada)
	if got := h.presenceEvents(); len(got) != 1 {
		t.Errorf("person with 501 friends: got %v, want no further event", got)
	}

	h.checkAdaPresence(chat.Online, false)
}

func TestTypingIsPublishedToThePeer(t *testing.T) {
	h := newHarness(t, limits{})
	eve := h.signIn("Eve").Person
	typeNow := func() {
		t.Helper()
		if err := h.Typing(ctx, h.ada, h.conversation); err != nil {
			t.Fatal(err)
		}
	}

	for range 5 {
		typeNow()
	}

	if n := len(h.bus.Published); n != 1 || h.bus.Published[0].To != h.bob.ID ||
		h.bus.Published[0].Event != (chat.TypingEvent{ConversationID: h.conversation, Person: h.ada.ID}) {
		t.Fatalf("got %v, want 1 typing event for Bob", h.bus.Published)
	}

	h.now = h.now.Add(3 * time.Second)
	typeNow()
	if n := len(h.bus.Published); n != 2 {
		t.Errorf("after 3 s: got %d events, want 2", n)
	}

	h.store.SilentTypers[h.bob.ID] = true
	h.Invalidate(chat.InvalidateEvent{Person: &h.bob.ID})
	h.now = h.now.Add(3 * time.Second)
	typeNow()
	h.store.SilentTypers = map[uuid.UUID]bool{h.ada.ID: true}
	h.Invalidate(chat.InvalidateEvent{Person: &h.bob.ID})
	h.now = h.now.Add(3 * time.Second)
	typeNow()
	if n := len(h.bus.Published); n != 2 {
		t.Errorf("typing hidden by one of them: got %v, want no event", h.bus.Published[2:])
	}

	if err := h.Typing(ctx, eve, h.conversation); chat.KindOf(err) != chat.KindNotFound {
		t.Errorf("stranger: got %v, want NotFound", err)
	}
}

// changingPresence calls afterOnline after each Online call.
type changingPresence struct {
	chat.Presences
	afterOnline func(asked []uuid.UUID)
}

func (p *changingPresence) Online(ctx context.Context, people []uuid.UUID) (map[uuid.UUID]bool, error) {
	online, err := p.Presences.Online(ctx, people)
	p.afterOnline(people)
	return online, err
}

// TestLastPublishedPresenceIsCurrent: two replicas may publish one person at the same
// time. The slower replica publishes an old value, then the current one.
func TestLastPublishedPresenceIsCurrent(t *testing.T) {
	h := newHarness(t, limits{})
	back := false
	presence := &changingPresence{h.presence, func(asked []uuid.UUID) {
		if !back && len(asked) == 1 && asked[0] == h.ada.ID {
			back = true
			h.presence.Arrive(h.ada.ID)
		}
	}}
	slow := h.replicaOn(ports{presence: presence})
	h.presence.Arrive(h.bob.ID)
	h.signIn("Cleo") // Online is called with Ada alone, then with her friends
	if err := slow.PresenceChanged(ctx, []uuid.UUID{h.ada.ID}); err != nil {
		t.Fatal(err)
	}

	if got := h.presenceEvents(); len(got) != 2 || got[0].Presence != chat.Offline || got[1].Presence != chat.Online {
		t.Errorf("events of Bob: got %v", got)
	}
}

// TestSwitchingPresenceIsToldSeldom: friends are told of a hundred changes twice, at the first
// and, five seconds later, of the last. Equal settings tell nobody.
func TestSwitchingPresenceIsToldSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, limits{})
		h.presence.Arrive(h.ada.ID)
		h.presence.Arrive(h.bob.ID)
		h.bus.Published, h.bus.Broadcasts = nil, nil
		share := func(shown bool) {
			t.Helper()
			if _, err := h.ChangeSettings(ctx, h.ada, chat.SettingsChange{SharePresence: &shown}); err != nil {
				t.Fatal(err)
			}
			h.store.Hidden[h.ada.ID] = !shown
		}

		share(true)
		if len(h.bus.Published)+len(h.bus.Broadcasts) != 0 {
			t.Errorf("an equal setting: published %v, broadcast %v", h.bus.Published, h.bus.Broadcasts)
		}
		for i := range 100 {
			share(i%2 == 1)
		}
		if got := h.presenceEvents(); len(got) != 1 {
			t.Errorf("after 100 changes: got %v, want 1 event", got)
		}

		h.now = h.now.Add(6 * time.Second)
		time.Sleep(6 * time.Second) // of synctest's clock
		synctest.Wait()
		if got := h.presenceEvents(); len(got) != 2 || got[1].Presence != chat.Online {
			t.Errorf("afterwards: got %v, want a second event, online", got)
		}
	})
}
