package chat_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

// relations change how Ada and Bob, who are friends, stand to each other.
var relations = map[string]func(h *harness) error{
	"friend":     func(*harness) error { return nil },
	"unfriended": func(h *harness) error { return h.Unfriend(ctx, h.ada, h.bob.ID) },
	"blocked":    func(h *harness) error { return h.Block(ctx, h.ada, h.bob.ID) },
	"deleted":    func(h *harness) error { return h.DeleteAccount(ctx, h.bob, "Bob") },
	"friends again": func(h *harness) error {
		if err := h.Block(ctx, h.ada, h.bob.ID); err != nil {
			return err
		}
		if err := h.Unblock(ctx, h.ada, h.bob.ID); err != nil {
			return err
		}
		r, _ := h.requestFriend(h.bob, h.ada)
		h.answerRequest(h.ada, r, chat.Accept)
		return nil
	},
}

// acts are all that a person does that another one may see.
var acts = map[string]struct {
	do    func(h *harness, p chat.Person) error
	event chat.EventKind // published to a friend; "": none
}{
	"reads":    {func(h *harness, p chat.Person) error { return h.MarkRead(ctx, p, h.conversation, 3) }, chat.EventRead},
	"receives": {func(h *harness, p chat.Person) error { return h.MarkDelivered(ctx, p, h.conversation, 3) }, chat.EventDelivered},
	"types":    {func(h *harness, p chat.Person) error { return h.Typing(ctx, p, h.conversation) }, chat.EventTyping},
	"comes": {func(h *harness, p chat.Person) error {
		h.presence.Arrive(p.ID)
		return h.PresenceChanged(ctx, []uuid.UUID{p.ID})
	}, chat.EventPresence},
	"hides": {func(h *harness, p chat.Person) error {
		no := false
		_, err := h.ChangeSettings(ctx, p, chat.SettingsChange{ShareRead: &no, ShareTyping: &no})
		return err
	}, ""},
	"renames": {func(h *harness, p chat.Person) error { return h.Rename(ctx, p, "Somebody else") }, ""},
	"pictures": {func(h *harness, p chat.Person) error {
		return h.store.SetPicture(ctx, p.ID, chat.Picture{Hash: "hash", MediaType: "image/jpeg"})
	}, ""},
}

// TestOthersMayKnow is the table of who learns what somebody does: a friend may. Nobody
// else does, in either direction, by an event or a page.
func TestOthersMayKnow(t *testing.T) {
	for relation, change := range relations {
		for act, what := range acts {
			for _, who := range []string{"Ada", "Bob"} {
				t.Run(relation+"/"+who+" "+act, func(t *testing.T) {
					h := newHarness(t, limits{})
					actor, viewer := h.ada, h.bob
					if who == "Bob" {
						actor, viewer = h.bob, h.ada
					}
					h.fill(actor, viewer)
					h.presence.Arrive(viewer.ID)
					if err := change(h); err != nil {
						t.Fatal(err)
					}

					before := h.shown(viewer)
					h.clearEvents()
					gone := uuid.Nil
					if relation == "deleted" {
						gone = h.bob.ID // sees nothing, and only what is under way still acts
					}

					err := what.do(h, actor)
					if err != nil && actor.ID != gone {
						t.Fatal(err)
					}

					friends := relation == "friend" || relation == "friends again"
					if got, want := h.learned(viewer), friends && what.event != ""; got != want {
						t.Errorf("%s learned of it: got %v, want %v: %+v", viewer.Name, got, want, h.bus.Published)
					}
					if want, got := before, h.shown(viewer); !friends && got != want && viewer.ID != gone {
						t.Errorf("%s's pages\n got %s\nwant %s", viewer.Name, got, want)
					}
				})
			}
		}
	}
}

// fill stores three messages of each, of which the first is read.
func (h *harness) fill(people ...chat.Person) {
	h.t.Helper()
	for range 3 {
		for _, p := range people {
			m := chat.Message{ID: uuid.New(), ConversationID: h.conversation, Sender: p, Body: "hi"}
			if _, err := h.store.StoreDirect(ctx, h.conversation, []chat.Message{m}); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	for _, p := range people {
		if err := h.MarkRead(ctx, p, h.conversation, 1); err != nil {
			h.t.Fatal(err)
		}
	}
}

// learned reports whether anything was published to a person.
func (h *harness) learned(viewer chat.Person) bool {
	for _, p := range h.bus.Published {
		if p.To == viewer.ID {
			return true
		}
	}
	return false
}

// shown is what all pages of a viewer say of the other one.
func (h *harness) shown(viewer chat.Person) string {
	h.t.Helper()
	must := func(err error) {
		h.t.Helper()
		if err != nil {
			h.t.Fatal(err)
		}
	}
	page, err := h.History(ctx, viewer, h.conversation, chat.Range{})
	must(err)
	details, err := h.Details(ctx, viewer, h.conversation, false, nil)
	must(err)
	list, err := h.Conversations(ctx, viewer, chat.ConversationQuery{})
	must(err)
	friends, err := h.Friends(ctx, viewer, "")
	must(err)

	text := fmt.Sprintf("friends %+v", friends)
	for _, c := range append(slices.Clone(list.Conversations), page.Conversation, details.Conversation) {
		peer := c.Peer(viewer.ID)
		text += fmt.Sprintf("; %s %v, read %s, delivered %s, %s %v, last by %v",
			c.Title, peer.Person, seq(peer.ReadSeq), seq(peer.DeliveredSeq), peer.Presence, peer.SeenAt, c.LastMessage.Sender)
	}
	for _, m := range page.Messages {
		if m.Sender.ID != viewer.ID {
			text += fmt.Sprint("; ", m.Sender)
		}
	}
	return text
}

func seq(n *int64) string {
	if n == nil {
		return "hidden"
	}
	return fmt.Sprint(*n)
}

// TestHiddenPresenceHidesDeliveries: a delivery tells that a page is open. It is told with
// the read mark, or not at all, when either of the two hides presence.
func TestHiddenPresenceHidesDeliveries(t *testing.T) {
	no := false
	for name, tt := range map[string]struct {
		change          chat.SettingsChange
		byAda           bool             // else Bob changes it
		delivered, read []chat.EventKind // what Bob gets
	}{
		"nothing hidden":     {chat.SettingsChange{}, true, []chat.EventKind{chat.EventDelivered}, []chat.EventKind{chat.EventRead}},
		"Ada hides presence": {chat.SettingsChange{SharePresence: &no}, true, nil, []chat.EventKind{chat.EventRead}},
		"Bob hides presence": {chat.SettingsChange{SharePresence: &no}, false, nil, []chat.EventKind{chat.EventRead}},
		"Ada hides reading":  {chat.SettingsChange{ShareRead: &no}, true, []chat.EventKind{chat.EventDelivered}, nil},
		"Ada hides both":     {chat.SettingsChange{ShareRead: &no, SharePresence: &no}, true, nil, nil},
		"Bob hides both":     {chat.SettingsChange{ShareRead: &no, SharePresence: &no}, false, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, limits{})
			h.fill(h.ada, h.bob)
			who := h.bob
			if tt.byAda {
				who = h.ada
			}
			if _, err := h.ChangeSettings(ctx, who, tt.change); err != nil {
				t.Fatal(err)
			}

			h.clearEvents()
			if err := h.MarkDelivered(ctx, h.ada, h.conversation, 3); err != nil {
				t.Fatal(err)
			}
			if got := h.received(); !slices.Equal(got, tt.delivered) {
				t.Errorf("after a delivery: got %v, want %v", got, tt.delivered)
			}

			h.clearEvents()
			if err := h.MarkRead(ctx, h.ada, h.conversation, 3); err != nil {
				t.Fatal(err)
			}
			if got := h.received(); !slices.Equal(got, tt.read) {
				t.Errorf("after reading: got %v, want %v", got, tt.read)
			}
		})
	}
}
