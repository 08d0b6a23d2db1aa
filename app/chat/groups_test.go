package chat_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/chat/chattest"
)

// newGroup makes a group of Ada, who owns it, and Bob. Eve is Ada's friend.
func (h *harness) newGroup(g chat.GroupSettings) (id uuid.UUID, eve chat.Person) {
	h.t.Helper()
	eve = h.signIn("Eve").Person
	chattest.Befriend(h.t, h.store, h.ada, eve)
	if g.Name == "" {
		g.Name = "Choir"
	}
	c, err := h.CreateGroup(ctx, h.ada, chat.NewGroup{GroupSettings: g, Members: []uuid.UUID{h.bob.ID, h.ada.ID, h.bob.ID}})
	if err != nil {
		h.t.Fatal(err)
	}
	h.clearEvents()
	return c.ID, eve
}

// learnedOf returns the kinds of events that were published to a person, in their order.
func (h *harness) learnedOf(p chat.Person) (kinds []chat.EventKind) {
	for _, e := range h.bus.Published {
		if e.To == p.ID {
			kinds = append(kinds, e.Event.Kind())
		}
	}
	return kinds
}

func TestEveryMemberLearnsOfAMessage(t *testing.T) {
	h := newHarness(t, limits{})
	id, eve := h.newGroup(chat.GroupSettings{})
	if _, err := h.Send(ctx, h.bob, id, newText("hi")); err != nil {
		t.Fatal(err)
	}
	want := []chat.EventKind{chat.EventMessage}
	for _, p := range []chat.Person{h.ada, h.bob} {
		if got := h.learnedOf(p); !slices.Equal(got, want) {
			t.Errorf("%s learned %v, want %v", p.Name, got, want)
		}
	}
	if got := h.learnedOf(eve); len(got) != 0 {
		t.Errorf("a stranger learned %v", got)
	}
	if _, err := h.Send(ctx, eve, id, newText("hi")); chat.KindOf(err) != chat.KindNotFound {
		t.Errorf("Send by a stranger: %v, want NotFound", err)
	}
}

// TestWhatWasSentBeforeAChangeStaysBefore: a message that waits to be stored gets its number
// before the one that says who joined, and the newcomer can't read it.
func TestWhatWasSentBeforeAChangeStaysBefore(t *testing.T) {
	h := newHarness(t, limits{})
	id, eve := h.newGroup(chat.GroupSettings{})
	if _, err := h.Send(ctx, h.bob, id, newText("a secret of before")); err != nil {
		t.Fatal(err)
	}
	h.clearEvents()
	if _, err := h.AddMember(ctx, h.ada, id, eve.ID); err != nil {
		t.Fatal(err)
	}

	page, err := h.History(ctx, eve, id, chat.Range{})
	if err != nil || len(page.Messages) != 1 || len(page.Pending) != 0 || page.Messages[0].System == nil ||
		*page.Messages[0].Seq != 3 {
		t.Errorf("the newcomer reads %+v, %v", page, err)
	}
	for _, e := range h.bus.Published {
		if m, ok := e.Event.(chat.MessageEvent); ok && e.To == eve.ID && m.Message.System == nil {
			t.Errorf("the newcomer received %+v", m)
		}
		if s, ok := e.Event.(chat.StoredEvent); ok && e.To == eve.ID && s.From < 3 {
			t.Errorf("the newcomer received %+v", s)
		}
	}
	if last := h.learnedOf(eve); len(last) == 0 || last[len(last)-1] != chat.EventMember {
		t.Errorf("the newcomer learned %v, want member last", last)
	}
}

// TestAChangeReachesEveryReplica: no replica serves what it has cached of the group from before.
func TestAChangeReachesEveryReplica(t *testing.T) {
	h := newHarness(t, limits{})
	id, eve := h.newGroup(chat.GroupSettings{})
	if _, err := h.AddMember(ctx, h.ada, id, eve.ID); err != nil {
		t.Fatal(err)
	}
	other := h.otherReplica()
	for _, r := range []replica{h.replica, other} {
		for _, p := range []chat.Person{h.bob, eve} {
			if _, err := r.Send(ctx, p, id, newText("hi")); err != nil {
				t.Fatal(err)
			}
		}
	}

	h.clearEvents()
	if err := h.RemoveMember(ctx, h.ada, id, eve.ID); err != nil {
		t.Fatal(err)
	}
	var change *chat.InvalidateEvent
	for _, e := range h.bus.Broadcasts {
		if e, ok := e.(chat.InvalidateEvent); ok {
			change = &e
			other.Invalidate(e)
		}
	}
	if change == nil || *change.Conversation != id || !slices.Equal(change.Members, []uuid.UUID{eve.ID}) {
		t.Fatalf("broadcast %+v", h.bus.Broadcasts)
	}
	if got := h.learnedOf(eve); !slices.Equal(got, []chat.EventKind{chat.EventStored, chat.EventMessage, chat.EventMember}) {
		t.Errorf("who was removed learned %v", got)
	}

	h.clearEvents()
	for name, r := range map[string]replica{"this replica": h.replica, "the other replica": other} {
		if _, err := r.Send(ctx, eve, id, newText("still here?")); chat.KindOf(err) != chat.KindNotAllowed {
			t.Errorf("%s: Send of who was removed: %v, want NotAllowed", name, err)
		}
		if err := r.Typing(ctx, eve, id); err != nil {
			t.Error(err)
		}
		if _, err := r.Send(ctx, h.bob, id, newText("among ourselves")); err != nil {
			t.Error(err)
		}
		page, err := r.History(ctx, eve, id, chat.Range{})
		if err != nil || page.Pending != nil || *page.Messages[len(page.Messages)-1].Seq != page.Conversation.LastSeq ||
			page.Messages[len(page.Messages)-1].System.Event != chat.SystemRemoved {
			t.Errorf("%s: who was removed reads %+v, %v", name, page, err)
		}
	}
	if got := h.learnedOf(eve); len(got) != 0 {
		t.Errorf("who was removed learned %v afterwards", got)
	}
}

func TestOnlyAdminsAnnounce(t *testing.T) {
	h := newHarness(t, limits{})
	id, _ := h.newGroup(chat.GroupSettings{Posting: chat.PostingAdmins})
	if _, err := h.Send(ctx, h.bob, id, newText("hi")); chat.KindOf(err) != chat.KindNotAllowed {
		t.Errorf("Send by a member: %v, want NotAllowed", err)
	}
	if _, err := h.Send(ctx, h.ada, id, newText("hi")); err != nil {
		t.Errorf("Send by the owner: %v", err)
	}

	if _, err := h.ChangeRole(ctx, h.ada, id, h.bob.ID, chat.RoleAdmin); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Send(ctx, h.bob, id, newText("hi")); err != nil {
		t.Errorf("Send by an admin: %v", err)
	}
}

// TestReadingInAGroup: members who share it learn how far others have read, up to a size.
func TestReadingInAGroup(t *testing.T) {
	h := newHarness(t, limits{})
	id, eve := h.newGroup(chat.GroupSettings{})
	if _, err := h.AddMember(ctx, h.ada, id, eve.ID); err != nil {
		t.Fatal(err)
	}
	no := false
	if _, err := h.ChangeSettings(ctx, eve, chat.SettingsChange{ShareRead: &no, ShareTyping: &no}); err != nil {
		t.Fatal(err)
	}
	m := chat.Message{ID: uuid.New(), ConversationID: id, Sender: h.ada, Body: "hi"}
	if _, err := h.store.StoreDirect(ctx, id, []chat.Message{m}); err != nil {
		t.Fatal(err)
	}

	h.clearEvents()
	for _, p := range []chat.Person{h.bob, eve} {
		if err := h.MarkRead(ctx, p, id, 3); err != nil {
			t.Fatal(err)
		}
		if err := h.Typing(ctx, p, id); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.learnedOf(h.ada); !slices.Equal(got, []chat.EventKind{chat.EventRead, chat.EventTyping}) {
		t.Errorf("the owner learned %v, want what one of them shares", got)
	}
	if got := h.learnedOf(eve); !slices.Equal(got, []chat.EventKind{chat.EventRead}) {
		t.Errorf("who shares nothing learned %v, want their own mark", got)
	}
}

func TestSettingsOfGroups(t *testing.T) {
	h := newHarness(t, limits{messages: chat.MessageLimits{GroupMembers: 2}})
	id, eve := h.newGroup(chat.GroupSettings{About: "We sing.\r\nOn Mondays."})
	if _, err := h.AddMember(ctx, h.ada, id, eve.ID); chat.KindOf(err) != chat.KindFull {
		t.Errorf("third member of two: %v, want Full", err)
	}
	three := chat.NewGroup{GroupSettings: chat.GroupSettings{Name: "Choir"}, Members: []uuid.UUID{h.bob.ID, eve.ID}}
	if _, err := h.CreateGroup(ctx, h.ada, three); chat.KindOf(err) != chat.KindFull {
		t.Errorf("a new group of three: %v, want Full", err)
	}

	for field, g := range map[string]chat.GroupSettings{
		"name":    {Name: strings.Repeat("n", 81)},
		"about":   {Name: "Choir", About: string(make([]byte, 3))},
		"posting": {Name: "Choir", Posting: "nobody"},
		"history": {Name: "Choir", History: "none"},
	} {
		_, err := h.ChangeGroup(ctx, h.ada, id, func(s *chat.GroupSettings) { *s = g })
		if e, ok := err.(*chat.Error); !ok || e.Kind != chat.KindInvalid || e.Field != field {
			t.Errorf("%s: %v, want Invalid", field, err)
		}
	}
	c, err := h.ChangeGroup(ctx, h.ada, id, func(s *chat.GroupSettings) { s.About = "We sing.\nOn Mondays." })
	if err != nil || c.LastSeq != 1 || c.About != "We sing.\nOn Mondays." {
		t.Errorf("equal settings: %+v, %v, want no change", c, err)
	}
}

// TestStrangersCauseNoWork: what waits in a tail is not stored for somebody who may change nothing.
func TestStrangersCauseNoWork(t *testing.T) {
	h := newHarness(t, limits{})
	id, eve := h.newGroup(chat.GroupSettings{})
	if _, err := h.Send(ctx, h.bob, id, newText("hi")); err != nil {
		t.Fatal(err)
	}

	h.clearEvents()
	if err := h.RemoveMember(ctx, eve, id, h.bob.ID); chat.KindOf(err) != chat.KindNotFound {
		t.Errorf("RemoveMember by a stranger: %v, want NotFound", err)
	}
	if err := h.LeaveGroup(ctx, h.bob, h.conversation, uuid.Nil); chat.KindOf(err) != chat.KindNotFound {
		t.Errorf("leaving a direct conversation: %v, want NotFound", err)
	}
	page, err := h.History(ctx, h.bob, id, chat.Range{})
	if err != nil || len(page.Pending) != 1 || len(h.bus.Published) != 0 {
		t.Errorf("got %d pending messages and %+v, %v, want no change", len(page.Pending), h.bus.Published, err)
	}
}
