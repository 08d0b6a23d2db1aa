package chattest

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

// groupOf is a group of people whose first one owns it and is a friend of all.
type groupOf struct {
	t      *testing.T
	s      chat.Store
	id     uuid.UUID
	people []chat.Person
}

// newGroupOf makes a group of the first people, in which the others are not.
func newGroupOf(t *testing.T, s chat.Store, in int, g chat.GroupSettings, names ...string) *groupOf {
	t.Helper()
	c := &groupOf{t: t, s: s}
	for i, name := range names {
		c.people = append(c.people, account(t, s, name))
		if i > 0 {
			Befriend(t, s, c.people[0], c.people[i])
		}
	}

	if err := g.Normalize(); err != nil {
		t.Fatal(err)
	}
	n := chat.NewGroup{GroupSettings: g}
	for _, p := range c.people[1:in] {
		n.Members = append(n.Members, p.ID)
	}
	change, err := s.CreateGroup(ctx, c.people[0].ID, n)
	if err != nil || len(change.Members) != in || len(change.Messages) != 1 {
		t.Fatalf("CreateGroup: got %+v, %v", change, err)
	}
	c.id = change.ConversationID
	return c
}

// reads returns what a person may read, as "3:created 4:hi".
func (c *groupOf) reads(p chat.Person) string {
	c.t.Helper()
	messages, _, err := c.s.Messages(ctx, p.ID, c.id, chat.Range{Limit: 100})
	if err != nil {
		c.t.Fatal(err)
	}

	var parts []string
	for _, m := range messages {
		text := m.Body
		if m.System != nil {
			text = string(m.System.Event)
		}
		parts = append(parts, fmt.Sprintf("%d:%s", *m.Seq, text))
	}
	return strings.Join(parts, " ")
}

func (c *groupOf) expect(when string, p chat.Person, want string) {
	c.t.Helper()
	if got := c.reads(p); got != want {
		c.t.Errorf("%s: %s reads %q, want %q", when, p.Name, got, want)
	}
}

func (c *groupOf) membership(p chat.Person) chat.Membership {
	c.t.Helper()
	m, err := c.s.Membership(ctx, chat.MembershipKey{Conversation: c.id, Person: p.ID})
	if err != nil {
		c.t.Fatal(err)
	}
	return m
}

func (c *groupOf) does(change chat.GroupChange, err error) chat.GroupChange {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	return change
}

// testGroups: a group from its creation to the last one leaving.
func testGroups(t *testing.T, s chat.Store) {
	c := newGroupOf(t, s, 2, chat.GroupSettings{Name: "Choir"}, "Ada", "Bob", "Cyd", "Dan")
	ada, bob, cyd, dan := c.people[0], c.people[1], c.people[2], c.people[3]
	storeMessages(t, s, c.id, newMessage(bob, c.id, "hi", 0))

	m := c.membership(bob)
	if m.Kind != chat.GroupConversation || m.Name != "Choir" || m.Role != chat.RoleMember || !m.Writable ||
		m.Peer != nil || !m.Audience.Same(chat.ToPeople(ada.ID, bob.ID)) {
		t.Errorf("membership of Bob: %+v", m)
	}
	if _, err := s.Membership(ctx, chat.MembershipKey{Conversation: c.id, Person: cyd.ID}); chat.KindOf(err) != chat.KindNotFound {
		t.Errorf("membership of a stranger: %v", err)
	}

	change := c.does(s.AddMember(ctx, ada.ID, c.id, cyd.ID, 10))
	said := change.Messages[0]
	if *said.Seq != 3 || said.Sender != ada || said.System.Event != chat.SystemJoined || said.System.Person.ID != cyd.ID ||
		said.System.Person.Name != "Cyd" || !change.Audience.Same(chat.ToPeople(ada.ID, bob.ID, cyd.ID)) {
		t.Errorf("AddMember: got %+v", change)
	}
	if again := c.does(s.AddMember(ctx, ada.ID, c.id, cyd.ID, 10)); len(again.Messages)+len(again.Members) != 0 {
		t.Errorf("second AddMember: got %+v, want no change", again)
	}

	storeMessages(t, s, c.id, newMessage(ada, c.id, "welcome", 1))
	c.expect("joined", cyd, "3:joined 4:welcome")
	c.expect("from the beginning", bob, "1:created 2:hi 3:joined 4:welcome")
	c.expect("stranger", dan, "")

	conversation, err := s.Conversation(ctx, cyd.ID, c.id)
	if err != nil || conversation.Title != "Choir" || conversation.MembersCount != 3 || conversation.Unread != 1 ||
		conversation.FromSeq != 3 || conversation.LastMessage.Body != "welcome" || len(conversation.Members) != 1 {
		t.Errorf("conversation of Cyd: %+v, %v", conversation, err)
	}

	c.does(s.RemoveMember(ctx, ada.ID, c.id, cyd.ID))
	storeMessages(t, s, c.id, newMessage(ada, c.id, "secret", 2))
	c.expect("removed", cyd, "3:joined 4:welcome 5:removed")
	m = c.membership(cyd)
	if m.Role != chat.RoleNone || m.Writable || m.ToSeq != 5 || m.Audience.Same(chat.ToPeople(ada.ID, bob.ID, cyd.ID)) {
		t.Errorf("membership after the removal: %+v", m)
	}
	conversation, err = s.Conversation(ctx, cyd.ID, c.id)
	if err != nil || conversation.LastSeq != 5 || conversation.Role != chat.RoleNone || conversation.Writable ||
		conversation.LastMessage.System == nil || conversation.LastMessage.System.Event != chat.SystemRemoved {
		t.Errorf("conversation after the removal: %+v, %v", conversation, err)
	}
	if page, err := s.GroupMembers(ctx, cyd.ID, c.id, "", 10); err != nil || len(page.Members) != 0 {
		t.Errorf("members for a person who was removed: %+v, %v", page, err)
	}

	// What was accepted before the removal is stored after it, and stays its author's.
	storeMessages(t, s, c.id, newMessage(cyd, c.id, "late", 3))

	c.does(s.AddMember(ctx, ada.ID, c.id, cyd.ID, 10))
	c.expect("back", cyd, "8:joined")

	change = c.does(s.LeaveGroup(ctx, ada.ID, c.id, uuid.Nil))
	if len(change.Messages) != 2 || change.Messages[0].System.Value != string(chat.RoleOwner) ||
		change.Messages[0].System.Person.ID != bob.ID {
		t.Errorf("the last owner leaves: %+v", change)
	}
	c.does(s.LeaveGroup(ctx, cyd.ID, c.id, uuid.Nil))
	c.does(s.LeaveGroup(ctx, bob.ID, c.id, uuid.Nil))
	for _, p := range c.people[:3] {
		if m := c.membership(p); m.Writable || m.Role != chat.RoleNone || !m.Audience.Empty() {
			t.Errorf("after the last one left: %+v", m)
		}
	}
	_, err = s.LeaveGroup(ctx, bob.ID, c.id, uuid.Nil)
	wantKind(t, "second LeaveGroup", err, chat.KindNotFound)
}

// testGroupRoles is the table of who may do what.
func testGroupRoles(t *testing.T, s chat.Store) {
	c := newGroupOf(t, s, 5, chat.GroupSettings{Name: "Choir"}, "Owner", "Admin", "Member", "Other", "Gone", "Stranger")
	owner, admin, member, other, gone := c.people[0], c.people[1], c.people[2], c.people[3], c.people[4]
	c.does(s.ChangeRole(ctx, owner.ID, c.id, admin.ID, chat.RoleAdmin))
	c.does(s.LeaveGroup(ctx, gone.ID, c.id, uuid.Nil))

	acts := map[string]func(actor chat.Person) error{
		"adds a stranger": func(p chat.Person) error {
			_, err := s.AddMember(ctx, p.ID, c.id, uuid.New(), 10)
			return err
		},
		"renames": func(p chat.Person) error {
			g := chat.GroupSettings{Name: "By " + p.Name, Posting: chat.PostingAll, History: chat.HistoryJoined}
			_, err := s.ChangeGroup(ctx, p.ID, c.id, g)
			return err
		},
		"removes an admin": func(p chat.Person) error {
			_, err := s.RemoveMember(ctx, p.ID, c.id, admin.ID)
			if err == nil {
				c.does(s.AddMember(ctx, owner.ID, c.id, admin.ID, 10))
				c.does(s.ChangeRole(ctx, owner.ID, c.id, admin.ID, chat.RoleAdmin))
			}
			return err
		},
		"removes a member": func(p chat.Person) error {
			_, err := s.RemoveMember(ctx, p.ID, c.id, other.ID)
			if err == nil {
				c.does(s.AddMember(ctx, owner.ID, c.id, other.ID, 10))
			}
			return err
		},
		"makes an admin": func(p chat.Person) error {
			_, err := s.ChangeRole(ctx, p.ID, c.id, other.ID, chat.RoleAdmin)
			if err == nil {
				c.does(s.ChangeRole(ctx, owner.ID, c.id, other.ID, chat.RoleMember))
			}
			return err
		},
	}
	const yes, no, nothing, self = chat.Kind(""), chat.KindNotAllowed, chat.KindNotFound, chat.KindInvalid
	for act, want := range map[string][5]chat.Kind{ // owner, admin, member, gone, stranger
		"adds a stranger":  {no, no, no, nothing, nothing}, // it is no friend
		"renames":          {yes, yes, no, nothing, nothing},
		"removes an admin": {yes, self, no, nothing, nothing},
		"removes a member": {yes, yes, no, nothing, nothing},
		"makes an admin":   {yes, no, no, nothing, nothing},
	} {
		for i, actor := range []chat.Person{owner, admin, member, gone, c.people[5]} {
			wantKind(t, actor.Name+" "+act, acts[act](actor), want[i])
		}
	}

	_, err := s.ChangeRole(ctx, owner.ID, c.id, owner.ID, chat.RoleMember)
	wantKind(t, "the last owner gives up the role", err, chat.KindConflict)
	_, err = s.RemoveMember(ctx, owner.ID, c.id, gone.ID)
	wantKind(t, "removing somebody who left", err, chat.KindNotFound)
	_, err = s.LeaveGroup(ctx, owner.ID, c.id, gone.ID)
	wantKind(t, "a successor who left", err, chat.KindNotFound)
	_, err = s.AddMember(ctx, owner.ID, c.id, gone.ID, 4)
	wantKind(t, "adding to a full group", err, chat.KindFull)

	g := chat.GroupSettings{Name: "Choir", Posting: chat.PostingAdmins, History: chat.HistoryAll}
	c.does(s.ChangeGroup(ctx, admin.ID, c.id, g))
	if c.membership(member).Writable || !c.membership(admin).Writable || !c.membership(owner).Writable {
		t.Error("announcements: a member may write, or an admin may not")
	}
	c.does(s.AddMember(ctx, owner.ID, c.id, gone.ID, 10))
	if from := c.membership(gone).FromSeq; from != 1 {
		t.Errorf("a newcomer reads from %d, want everything", from)
	}
}

// testGroupChannel: a group that had more than eight members has a channel from then on.
func testGroupChannel(t *testing.T, s chat.Store) {
	names := []string{"Ada"}
	for i := range 9 {
		names = append(names, fmt.Sprintf("Friend %d", i))
	}
	c := newGroupOf(t, s, chat.MaxSmallGroup, chat.GroupSettings{Name: "Choir"}, names...)
	ada, last := c.people[0], c.people[9]
	if to := c.membership(ada).Audience; len(to.People) != chat.MaxSmallGroup {
		t.Errorf("small group: audience %+v", to)
	}

	change := c.does(s.AddMember(ctx, ada.ID, c.id, last.ID, 10))
	if len(change.Reached) != chat.MaxSmallGroup+1 || !change.Audience.Same(chat.ToConversation(c.id)) {
		t.Errorf("ninth member: %+v", change)
	}
	if change = c.does(s.AddMember(ctx, ada.ID, c.id, c.people[8].ID, 10)); len(change.Reached) != 0 {
		t.Errorf("tenth member: %+v", change)
	}
	c.does(s.RemoveMember(ctx, ada.ID, c.id, last.ID))
	c.does(s.RemoveMember(ctx, ada.ID, c.id, c.people[8].ID))
	if to := c.membership(ada).Audience; !to.Same(chat.ToConversation(c.id)) {
		t.Errorf("after the ninth has left: audience %+v", to)
	}

	var all []chat.GroupMember
	for page := ""; ; {
		p, err := s.GroupMembers(ctx, ada.ID, c.id, page, 3)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p.Members...)
		if page = p.Next; page == "" {
			break
		}
	}
	if len(all) != 8 || all[0].Person.Name != "Ada" || all[0].Role != chat.RoleOwner || all[7].Person.Name != "Friend 6" {
		t.Errorf("members: %+v", all)
	}
	if people, err := s.MembersWhoShare(ctx, c.id, ada.ID, "read", 20); err != nil || len(people) != 7 {
		t.Errorf("members who share: %v, %v", people, err)
	}
	if people, err := s.MembersWhoShare(ctx, c.id, ada.ID, "read", 7); err != nil || len(people) != 0 {
		t.Errorf("members who share in a large group: %v, %v", people, err)
	}
}

// testGroupRaces: two owners who leave at once leave an owner behind, and changes at once
// number their messages without gaps.
func testGroupRaces(t *testing.T, s chat.Store) {
	c := newGroupOf(t, s, 4, chat.GroupSettings{Name: "Choir"}, "Ada", "Bob", "Cyd", "Dan", "Eve", "Fay")
	ada, bob, cyd := c.people[0], c.people[1], c.people[2]
	c.does(s.ChangeRole(ctx, ada.ID, c.id, bob.ID, chat.RoleOwner))

	var all sync.WaitGroup
	do := func(f func() (chat.GroupChange, error)) {
		all.Go(func() {
			if _, err := f(); err != nil && chat.KindOf(err) != chat.KindNotFound {
				t.Error(err)
			}
		})
	}
	do(func() (chat.GroupChange, error) { return s.AddMember(ctx, ada.ID, c.id, c.people[4].ID, 10) })
	do(func() (chat.GroupChange, error) { return s.AddMember(ctx, ada.ID, c.id, c.people[5].ID, 10) })
	do(func() (chat.GroupChange, error) { return s.LeaveGroup(ctx, ada.ID, c.id, uuid.Nil) })
	do(func() (chat.GroupChange, error) { return s.LeaveGroup(ctx, bob.ID, c.id, uuid.Nil) })
	for i := range 5 {
		all.Go(func() {
			_, err := s.StoreDirect(ctx, c.id, []chat.Message{newMessage(cyd, c.id, fmt.Sprint("text ", i), 0)})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()

	owners := 0
	page, err := s.GroupMembers(ctx, cyd.ID, c.id, "", 10)
	for _, m := range page.Members {
		if m.Role == chat.RoleOwner {
			owners++
		}
	}
	conversation, err2 := s.Conversation(ctx, cyd.ID, c.id)
	if err != nil || err2 != nil || owners == 0 || conversation.MembersCount != len(page.Members) {
		t.Errorf("%d owners, %d of %d members, %v, %v", owners, conversation.MembersCount, len(page.Members), err, err2)
	}

	messages, _, err := s.Messages(ctx, cyd.ID, c.id, chat.Range{Limit: 100})
	for i, m := range messages {
		if *m.Seq != int64(i+1) {
			t.Fatalf("message %d has the number %d", i+1, *m.Seq)
		}
	}
	if err != nil || int64(len(messages)) != conversation.LastSeq {
		t.Errorf("%d messages, the last is %d, %v", len(messages), conversation.LastSeq, err)
	}
}
