package chat_test

import (
	"context"
	"fmt"
	"testing"
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

// sees returns Ada's presence as Bob sees it: among his friends, in his list, in their
// conversation.
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

func (h *harness) checkAdaPresence(want chat.Presence, lastSeen bool) {
	h.t.Helper()
	friend, listed, open := h.adaPresence()
	if friend.Presence != want || listed.Presence != want || open.Presence != want {
		h.t.Errorf(
			"Bob sees %q among friends, %q in the list, %q in the conversation; want %q",
			friend.Presence,
			listed.Presence,
			open.Presence,
			want,
		)
	}

	if (listed.SeenAt != nil) != lastSeen || (open.SeenAt != nil) != lastSeen {
		h.t.Errorf("last seen in the list %v, in the conversation %v", listed.SeenAt, open.SeenAt)
	}
}

func TestPresenceIsToldToFriendsWhoAreOnline(t *testing.T) {
	h := newHarness(t, limits{})
	cleo := h.signIn("Cleo").Person
	h.checkAdaPresence(chat.Offline, false)
	h.presence.Arrive(h.ada.ID)
	h.presenceChanged(h.ada)
	if got := h.presenceEvents(); len(got) != 0 {
		t.Errorf("Bob, who is offline, was notified of %v", got)
	}

	h.presence.Arrive(h.bob.ID)
	h.presenceChanged(h.ada, h.bob)
	got := h.presenceEvents()
	if len(got) != 1 || got[0] != (chat.PresenceEvent{Person: h.ada.ID, Presence: chat.Online}) {
		t.Errorf("Bob was notified of %v", got)
	}

	h.checkAdaPresence(chat.Online, false)
	h.presence.Leave(h.ada.ID)
	h.presenceChanged(h.ada)
	got = h.presenceEvents()
	if len(got) != 2 ||
		got[1] != (chat.PresenceEvent{Person: h.ada.ID, Presence: chat.Offline, LastSeen: "today"}) {
		t.Errorf("Bob was notified of %v", got)
	}

	h.checkAdaPresence(chat.Offline, true)
	for _, p := range h.bus.Published {
		if p.To == cleo.ID || p.To == h.ada.ID && p.Event.(chat.PresenceEvent).Person == h.ada.ID {
			t.Errorf("published to %v: %v", p.To, p.Event)
		}
	}
}

func TestPresenceSaysWhatIsSoWhenItIsTold(t *testing.T) {
	h := newHarness(t, limits{})
	h.presence.Arrive(h.bob.ID)
	h.presence.Arrive(h.ada.ID) // she left, and is back before anybody was notified of
	h.presenceChanged(h.ada)
	if got := h.presenceEvents(); len(got) != 1 || got[0].Presence != chat.Online {
		t.Errorf("Bob was notified of %v", got)
	}

	h.store.Down = true
	if err := h.PresenceChanged(ctx, []uuid.UUID{h.ada.ID}); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("with the store down: %v; want an error, so that it is called again", err)
	}

	h.store.Down, h.presence.Down = false, true
	if err := h.PresenceChanged(ctx, []uuid.UUID{h.ada.ID}); chat.KindOf(err) != chat.KindUnavailable {
		t.Errorf("when nobody can tell: %v; want an error, so that it is called again", err)
	}
}

func TestPresenceUnknownIsUnknown(t *testing.T) {
	h := newHarness(t, limits{})
	h.presence.Arrive(h.ada.ID)
	h.presence.Down = true
	h.checkAdaPresence(chat.PresenceUnknown, false)
}

func TestWhoHidesPresenceIsOfflineAndSeesNobody(t *testing.T) {
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
		t.Errorf("Bob was notified of %v", got)
	}

	h.checkAdaPresence(chat.Offline, false)
	h.presence.Leave(h.ada.ID)
	h.presenceChanged(h.ada)
	h.presence.Arrive(h.ada.ID)
	h.presenceChanged(h.ada, h.bob)
	if got := h.presenceEvents(); len(got) != 1 {
		t.Errorf("Bob was notified of her coming and going: %v", got)
	}

	for _, p := range h.bus.Published {
		if p.To == h.ada.ID {
			t.Errorf("she, who hides herself, was notified of %v", p.Event)
		}
	}

	page, err := h.History(ctx, h.ada, h.conversation, chat.Range{})
	if bob := page.Conversation.Peer(h.ada.ID); err != nil || bob.Presence != chat.PresenceUnknown ||
		bob.SeenAt != nil {
		t.Errorf("she sees %+v, %v", bob, err)
	}

	h.store.Hidden[h.ada.ID] = false
	if err := h.SharePresenceChanged(ctx, h.ada.ID); err != nil {
		t.Fatal(err)
	}

	if got := h.presenceEvents(); len(got) != 2 || got[1].Presence != chat.Online {
		t.Errorf("shown again, Bob was notified of %v", got)
	}
}

func TestPresenceOfThePopularComesWithThePage(t *testing.T) {
	h := newHarness(t, limits{})
	h.presence.Arrive(h.bob.ID)
	h.presence.Arrive(h.ada.ID)
	for i := range 499 { // with Bob they are 500
		chattest.Befriend(t, h.store, h.ada, h.signIn(fmt.Sprintf("Friend %d", i)).Person)
	}

	h.presenceChanged(h.ada)
	if got := h.presenceEvents(); len(got) != 1 {
		t.Errorf("of a person with 500 friends Bob was notified of %v", got)
	}

	chattest.Befriend(t, h.store, h.ada, h.signIn("One too many").Person)
	h.presenceChanged(h.ada)
	if got := h.presenceEvents(); len(got) != 1 {
		t.Errorf("of a person with 501 friends Bob was notified of %v", got)
	}

	h.checkAdaPresence(chat.Online, false)
}

func TestTypingReachesOnlyThePeer(t *testing.T) {
	h := newHarness(t, limits{})
	eve := h.signIn("Eve").Person
	types := func() {
		t.Helper()
		if err := h.Typing(ctx, h.ada, h.conversation); err != nil {
			t.Fatal(err)
		}
	}

	for range 5 { // as fast as one can
		types()
	}

	if n := len(h.bus.Published); n != 1 || h.bus.Published[0].To != h.bob.ID ||
		h.bus.Published[0].Event != (chat.TypingEvent{ConversationID: h.conversation, Person: h.ada.ID}) {
		t.Fatalf("published %v", h.bus.Published)
	}

	h.now = h.now.Add(3 * time.Second)
	types()
	if n := len(h.bus.Published); n != 2 {
		t.Errorf("after 3 s there are %d events", n)
	}

	h.store.SilentTypers[h.bob.ID] = true
	h.Invalidate(chat.InvalidateEvent{Person: &h.bob.ID})
	h.now = h.now.Add(3 * time.Second)
	types()
	h.store.SilentTypers = map[uuid.UUID]bool{h.ada.ID: true}
	h.Invalidate(chat.InvalidateEvent{Person: &h.bob.ID})
	h.now = h.now.Add(3 * time.Second)
	types()
	if n := len(h.bus.Published); n != 2 {
		t.Errorf("where one of them doesn't show it, it was notified of: %v", h.bus.Published[2:])
	}

	if err := h.Typing(ctx, eve, h.conversation); chat.KindOf(err) != chat.KindNotFound {
		t.Errorf("a stranger: %v", err)
	}
}

// changingPresence is a presence that changes right after each Online call.
type changingPresence struct {
	chat.Presences
	afterOnline func(asked []uuid.UUID)
}

func (p *changingPresence) Online(ctx context.Context, people []uuid.UUID) (map[uuid.UUID]bool, error) {
	online, err := p.Presences.Online(ctx, people)
	p.afterOnline(people)
	return online, err
}

// TestTheLastWordIsTrue: two replicas may publish one person at the same time. The
// slower one publishes an old value, then the current one.
func TestTheLastWordIsTrue(t *testing.T) {
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
	h.signIn("Cleo") // so that Ada's friends are asked of in another call than Ada
	if err := slow.PresenceChanged(ctx, []uuid.UUID{h.ada.ID}); err != nil {
		t.Fatal(err)
	}

	if got := h.presenceEvents(); len(got) != 2 || got[0].Presence != chat.Offline || got[1].Presence != chat.Online {
		t.Errorf("Bob was notified of %v", got)
	}
}
