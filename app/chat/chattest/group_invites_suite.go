package chattest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// invite makes a link of the group by its owner.
func (c *groupOf) invite(i chat.GroupInvite) uuid.UUID {
	c.t.Helper()
	i.ID, i.ConversationID, i.CreatedBy = chat.NewID(), c.id, c.people[0]
	if i.MaxUses == 0 {
		i.MaxUses = 5
	}
	if i.ExpiresAt.IsZero() {
		i.ExpiresAt = chat.At(noon.Add(time.Hour))
	}
	if err := c.s.AddGroupInvite(ctx, i, noon); err != nil {
		c.t.Fatal(err)
	}
	return i.ID
}

// testGroupInvites: a link lets strangers in until it is used up, and is the same for whomever it
// doesn't work.
func testGroupInvites(t *testing.T, s chat.Store) {
	c := newGroupOf(t, s, 2, chat.GroupSettings{Name: "Choir", About: "We sing."}, "Ada", "Bob", "Gone")
	ada, bob, gone := c.people[0], c.people[1], c.people[2]
	eve, fay := account(t, s, "Eve"), account(t, s, "Fay")
	id := c.invite(chat.GroupInvite{MaxUses: 1})

	group, err := s.ViewGroupInvite(ctx, eve.ID, id, noon)
	if err != nil || group.ConversationID != c.id || group.Name != "Choir" || group.About != "We sing." ||
		group.Members != 2 || group.Inviter.Name != "Ada" || group.Present || group.Waiting {
		t.Errorf("ViewGroupInvite: %+v, %v", group, err)
	}

	if j, err := s.JoinByInvite(ctx, bob.ID, id, noon, 10); err != nil || len(j.Change.Members) != 0 || j.ConversationID != c.id {
		t.Errorf("a member joins: %+v, %v, want no change", j, err)
	}
	j, err := s.JoinByInvite(ctx, eve.ID, id, noon, 10)
	if err != nil || j.Waiting || len(j.Change.Members) != 1 || j.Change.Members[0].Person.ID != eve.ID ||
		j.Change.Messages[0].Sender.ID != eve.ID || j.Change.Messages[0].System.Event != chat.SystemJoined {
		t.Errorf("a stranger joins: %+v, %v", j, err)
	}
	c.expect("joined by link", eve, "2:joined")
	if group, err := s.ViewGroupInvite(ctx, eve.ID, id, noon); err != nil || !group.Present {
		t.Errorf("a link that one has used up: %+v, %v", group, err)
	}

	revoked, expired, works := c.invite(chat.GroupInvite{}), c.invite(chat.GroupInvite{ExpiresAt: chat.At(noon)}), c.invite(chat.GroupInvite{})
	if err := s.RevokeGroupInvite(ctx, ada.ID, revoked); err != nil {
		t.Fatal(err)
	}
	c.does(s.AddMember(ctx, ada.ID, c.id, gone.ID, 10))
	c.does(s.RemoveMember(ctx, ada.ID, c.id, gone.ID))
	for name, what := range map[string]struct {
		person chat.Person
		link   uuid.UUID
	}{
		"used up": {fay, id}, "revoked": {fay, revoked}, "expired": {fay, expired}, "unknown": {fay, uuid.New()},
		"removed": {gone, works},
	} {
		_, err := s.ViewGroupInvite(ctx, what.person.ID, what.link, noon)
		wantKind(t, "view: "+name, err, chat.KindInviteOver)
		_, err = s.JoinByInvite(ctx, what.person.ID, what.link, noon, 10)
		wantKind(t, "join: "+name, err, chat.KindInviteOver)
	}
	_, err = s.JoinByInvite(ctx, fay.ID, works, noon, 3)
	wantKind(t, "a full group", err, chat.KindFull)

	list, err := s.GroupInvites(ctx, ada.ID, c.id, noon)
	if err != nil || len(list) != 1 || list[0].ID != works || list[0].MaxUses != 5 || list[0].CreatedBy.Name != "Ada" {
		t.Errorf("links that work: %+v, %v", list, err)
	}
	c.testInviteRoles(works, fay)

	for i := len(list); i < chat.MaxGroupInvites; i++ {
		c.invite(chat.GroupInvite{})
	}
	err = s.AddGroupInvite(ctx, chat.GroupInvite{ID: chat.NewID(), ConversationID: c.id, CreatedBy: ada, MaxUses: 1, ExpiresAt: chat.At(noon)}, noon)
	wantKind(t, "one link too many", err, chat.KindFull)
}

// testInviteRoles: members and strangers neither see nor change links.
func (c *groupOf) testInviteRoles(link uuid.UUID, stranger chat.Person) {
	c.t.Helper()
	for name, tt := range map[string]struct {
		actor chat.Person
		want  chat.Kind
	}{"member": {c.people[1], chat.KindNotAllowed}, "stranger": {stranger, chat.KindNotFound}} {
		i := chat.GroupInvite{ID: chat.NewID(), ConversationID: c.id, CreatedBy: tt.actor, MaxUses: 1, ExpiresAt: chat.At(noon)}
		wantKind(c.t, name+" makes a link", c.s.AddGroupInvite(ctx, i, noon), tt.want)
		_, err := c.s.GroupInvites(ctx, tt.actor.ID, c.id, noon)
		wantKind(c.t, name+" lists links", err, tt.want)
		wantKind(c.t, name+" revokes a link", c.s.RevokeGroupInvite(ctx, tt.actor.ID, link), tt.want)
		_, err = c.s.JoinRequests(ctx, tt.actor.ID, c.id)
		wantKind(c.t, name+" lists who waits", err, tt.want)
		_, err = c.s.AnswerJoinRequest(ctx, tt.actor.ID, c.id, stranger.ID, true, 10)
		wantKind(c.t, name+" lets people in", err, tt.want)
	}
	wantKind(c.t, "revoking nothing", c.s.RevokeGroupInvite(ctx, c.people[0].ID, uuid.New()), chat.KindNotFound)
}

// testJoinRequests: a link with approval lets people wait for an admin.
func testJoinRequests(t *testing.T, s chat.Store) {
	c := newGroupOf(t, s, 2, chat.GroupSettings{Name: "Choir"}, "Ada", "Bob")
	ada := c.people[0]
	eve, fay := account(t, s, "Eve"), account(t, s, "Fay")
	id := c.invite(chat.GroupInvite{Approval: true})
	for _, p := range []chat.Person{eve, fay, eve} {
		j, err := s.JoinByInvite(ctx, p.ID, id, noon, 10)
		if err != nil || !j.Waiting || len(j.Change.Members) != 0 {
			t.Errorf("%s joins: %+v, %v, want to wait", p.Name, j, err)
		}
	}
	c.expect("waiting", eve, "")
	if group, err := s.ViewGroupInvite(ctx, eve.ID, id, noon); err != nil || !group.Waiting || group.Present {
		t.Errorf("the link of who waits: %+v, %v", group, err)
	}

	list, err := s.JoinRequests(ctx, ada.ID, c.id)
	if err != nil || len(list) != 2 || list[0].Person.Name != "Eve" || list[1].Person.Name != "Fay" {
		t.Errorf("who waits: %+v, %v", list, err)
	}
	change := c.does(s.AnswerJoinRequest(ctx, ada.ID, c.id, eve.ID, true, 10))
	if len(change.Members) != 1 || change.Members[0].Person.ID != eve.ID || change.Messages[0].Sender.ID != ada.ID {
		t.Errorf("let in: %+v", change)
	}
	if change = c.does(s.AnswerJoinRequest(ctx, ada.ID, c.id, fay.ID, false, 10)); len(change.Members) != 0 {
		t.Errorf("sent away: %+v", change)
	}
	for _, p := range []chat.Person{eve, fay} {
		_, err = s.AnswerJoinRequest(ctx, ada.ID, c.id, p.ID, true, 10)
		wantKind(t, "second answer to "+p.Name, err, chat.KindNotFound)
	}
	c.expect("let in", eve, "2:joined")
	c.expect("sent away", fay, "")
}

// testLastUse: of many who use a link at once, as many get in as it has uses.
func testLastUse(t *testing.T, s chat.Store) {
	c := newGroupOf(t, s, 1, chat.GroupSettings{Name: "Choir"}, "Ada")
	id := c.invite(chat.GroupInvite{MaxUses: 3})
	var joined atomic.Int64
	var all sync.WaitGroup
	for i := range 8 {
		p := account(t, s, fmt.Sprint("Guest ", i))
		for range 2 { // a double click
			all.Go(func() {
				j, err := s.JoinByInvite(ctx, p.ID, id, noon, 10)
				if err != nil && chat.KindOf(err) != chat.KindInviteOver {
					t.Error(err)
				}
				joined.Add(int64(len(j.Change.Members)))
			})
		}
	}
	all.Wait()

	page, err := s.GroupMembers(ctx, c.people[0].ID, c.id, "", 20)
	if err != nil || joined.Load() != 3 || len(page.Members) != 4 {
		t.Errorf("%d joined, %d members, %v, want 3 and 4", joined.Load(), len(page.Members), err)
	}
}
