package chattest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// groupMember is a person who is or was a member of a group.
type groupMember struct {
	role         chat.Role // RoleNone: no longer present
	joined, from int64
	left         int64 // the last readable message; 0: present
	at           time.Time
	removed      bool
}

// group is what a group has beside its messages and marks.
type group struct {
	chat.GroupSettings
	members map[uuid.UUID]*groupMember
	channel bool
	invites []*groupInvite
	waiting []uuid.UUID // for an admin to let them in
}

// present returns the present members of a group, in the order in which they joined.
func (t *storedConversation) present() (people []chat.Person) {
	for _, p := range t.members {
		if t.group.members[p.ID].role != chat.RoleNone {
			people = append(people, p)
		}
	}
	return people
}

// readable returns the bounds of what a member may read.
func (t *storedConversation) readable(person uuid.UUID) (from, to int64) {
	if t.group == nil {
		return 1, int64(len(t.messages))
	}
	m := t.group.members[person]
	if m == nil {
		return 1, 0
	}
	if m.left > 0 {
		return m.from, m.left
	}
	return m.from, int64(len(t.messages))
}

// groupTx is a change of a group.
type groupTx struct {
	s      *Store
	t      *storedConversation
	actor  uuid.UUID
	change chat.GroupChange
}

func (s *Store) changeGroup(actor, id uuid.UUID, f func(g *groupTx, role chat.Role) error) (chat.GroupChange, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.GroupChange{}, err
	}
	defer unlock()
	return s.changeLockedGroup(actor, id, f)
}

func (s *Store) changeLockedGroup(
	actor, id uuid.UUID, f func(g *groupTx, role chat.Role) error,
) (chat.GroupChange, error) {
	t := s.find(id)
	if t == nil || t.group == nil || t.role(actor) == chat.RoleNone {
		return chat.GroupChange{}, chat.ErrNotFound()
	}

	g := &groupTx{s: s, t: t, actor: actor, change: chat.GroupChange{ConversationID: id}}
	if err := f(g, t.role(actor)); err != nil {
		return chat.GroupChange{}, err
	}
	g.change.Audience = t.audience()
	return g.change, nil
}

func (t *storedConversation) role(person uuid.UUID) chat.Role {
	if m := t.group.members[person]; m != nil {
		return m.role
	}
	return chat.RoleNone
}

func (g *groupTx) say(event chat.SystemEvent, person *uuid.UUID, value string) {
	actor, _ := g.s.person(g.actor)
	m := chat.Message{
		ID:             chat.NewID(),
		ConversationID: g.t.id,
		ClientID:       chat.NewID(),
		Sender:         actor,
		SentAt:         chat.At(time.Now()),
		Kind:           chat.MessageSystem,
		System:         &chat.SystemMessage{Event: event, Actor: actor, Value: value},
	}
	if person != nil {
		p, _ := g.s.person(*person)
		m.System.Person = &p
	}
	seq := g.t.store(m)
	m.Seq = &seq
	g.change.Messages = append(g.change.Messages, m)
}

func (g *groupTx) join(person uuid.UUID, role chat.Role) {
	p, _ := g.s.person(person)
	if !g.t.has(person) {
		g.t.members = append(g.t.members, p)
	}

	last := int64(len(g.t.messages))
	m := &groupMember{role: role, joined: last, from: last, at: time.Now()}
	if g.t.group.History == chat.HistoryAll {
		m.from = 1
	}
	g.t.group.members[person] = m
	g.t.read[person], g.t.delivered[person] = last, last
	g.change.Members = append(g.change.Members, chat.MemberChange{Person: p, Role: role, State: chat.MemberJoined})

	if n := len(g.t.present()); n > chat.MaxSmallGroup && !g.t.group.channel {
		g.t.group.channel = true
		for _, p := range g.t.present() {
			g.change.Reached = append(g.change.Reached, p.ID)
		}
	}
}

func (g *groupTx) leave(person uuid.UUID, state string) {
	p, _ := g.s.person(person)
	m := g.t.group.members[person]
	m.role, m.left, m.removed = chat.RoleNone, int64(len(g.t.messages)), state == chat.MemberRemoved
	g.change.Members = append(g.change.Members, chat.MemberChange{Person: p, State: state})
}

func (g *groupTx) setRole(person uuid.UUID, role chat.Role) {
	p, _ := g.s.person(person)
	g.say(chat.SystemRole, &person, string(role))
	g.t.group.members[person].role = role
	g.change.Members = append(g.change.Members, chat.MemberChange{Person: p, Role: role, State: chat.MemberChanged})
}

func (s *Store) areFriends(a, b uuid.UUID) bool {
	_, ok := s.friendships[pair(a, b)]
	return ok
}

func errNoFriend() error {
	return chat.ErrNotAllowed("no friend")
}

// CreateGroup implements chat.Store.
func (s *Store) CreateGroup(_ context.Context, owner uuid.UUID, n chat.NewGroup) (chat.GroupChange, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.GroupChange{}, err
	}
	defer unlock()
	for _, p := range n.Members {
		if !s.areFriends(owner, p) {
			return chat.GroupChange{}, errNoFriend()
		}
	}

	t := &storedConversation{
		id:        chat.NewID(),
		created:   time.Now(),
		read:      map[uuid.UUID]int64{},
		delivered: map[uuid.UUID]int64{},
		arranged:  map[uuid.UUID]arranged{},
		group:     &group{GroupSettings: n.GroupSettings, members: map[uuid.UUID]*groupMember{}},
	}
	s.conversations = append(s.conversations, t)
	g := &groupTx{s: s, t: t, actor: owner, change: chat.GroupChange{ConversationID: t.id}}
	g.say(chat.SystemCreated, nil, n.Name)
	g.join(owner, chat.RoleOwner)
	for _, p := range n.Members {
		g.join(p, chat.RoleMember)
	}
	g.change.Audience, g.change.Reached = t.audience(), nil
	return g.change, nil
}

// ChangeGroup implements chat.Store.
func (s *Store) ChangeGroup(
	_ context.Context, actor, id uuid.UUID, n chat.GroupSettings,
) (chat.GroupChange, error) {
	return s.changeGroup(actor, id, func(g *groupTx, role chat.Role) error {
		if !role.Manages() {
			return chat.ErrNotAllowed("admins")
		}

		old := g.t.group.GroupSettings
		if old.Name != n.Name {
			g.say(chat.SystemRenamed, nil, n.Name)
		}
		if old.About != n.About {
			g.say(chat.SystemChanged, nil, "about")
		}
		if old.Posting != n.Posting {
			g.say(chat.SystemChanged, nil, "posting="+string(n.Posting))
		}
		if old.History != n.History {
			g.say(chat.SystemChanged, nil, "history="+string(n.History))
		}
		g.t.group.GroupSettings = n
		return nil
	})
}

// AddMember implements chat.Store.
func (s *Store) AddMember(
	_ context.Context, actor, id, person uuid.UUID, maxMembers int,
) (chat.GroupChange, error) {
	return s.changeGroup(actor, id, func(g *groupTx, role chat.Role) error {
		switch {
		case !role.Manages():
			return chat.ErrNotAllowed("admins")
		case g.t.role(person) != chat.RoleNone:
			return nil
		case !s.areFriends(actor, person):
			return errNoFriend()
		}
		return g.admit(person, maxMembers)
	})
}

// RemoveMember implements chat.Store.
func (s *Store) RemoveMember(_ context.Context, actor, id, person uuid.UUID) (chat.GroupChange, error) {
	return s.changeGroup(actor, id, func(g *groupTx, role chat.Role) error {
		target := g.t.role(person)
		switch {
		case actor == person:
			return chat.Invalid("person", "oneself")
		case target == chat.RoleNone:
			return chat.ErrNotFound()
		case !role.Manages() || target.Manages() && role != chat.RoleOwner:
			return chat.ErrNotAllowed("admins")
		}
		g.say(chat.SystemRemoved, &person, "")
		g.leave(person, chat.MemberRemoved)
		return nil
	})
}

// ChangeRole implements chat.Store.
func (s *Store) ChangeRole(
	_ context.Context, actor, id, person uuid.UUID, to chat.Role,
) (chat.GroupChange, error) {
	return s.changeGroup(actor, id, func(g *groupTx, role chat.Role) error {
		before := g.t.role(person)
		switch {
		case before == chat.RoleNone:
			return chat.ErrNotFound()
		case role != chat.RoleOwner:
			return chat.ErrNotAllowed("owners")
		case before == to:
			return nil
		case before == chat.RoleOwner && g.t.owners() == 1:
			return &chat.Error{Kind: chat.KindConflict}
		}
		g.setRole(person, to)
		return nil
	})
}

func (t *storedConversation) owners() (n int) {
	for _, m := range t.group.members {
		if m.role == chat.RoleOwner {
			n++
		}
	}
	return n
}

// LeaveGroup implements chat.Store.
func (s *Store) LeaveGroup(_ context.Context, person, id, successor uuid.UUID) (chat.GroupChange, error) {
	return s.changeGroup(person, id, func(g *groupTx, role chat.Role) error {
		if successor != uuid.Nil && g.t.role(successor) == chat.RoleNone {
			return chat.ErrNotFound()
		}
		g.leaveTo(role, successor)
		return nil
	})
}

func (g *groupTx) leaveTo(role chat.Role, successor uuid.UUID) {
	if role == chat.RoleOwner && g.t.owners() == 1 {
		next := successor
		if next == uuid.Nil || next == g.actor {
			next = g.t.longest(g.actor)
		}
		if next != uuid.Nil {
			g.setRole(next, chat.RoleOwner)
		}
	}
	g.say(chat.SystemLeft, nil, "")
	g.leave(g.actor, chat.MemberLeft)
}

// leaveGroups ends a person's presence in all groups.
func (s *Store) leaveGroups(person uuid.UUID) (changes []chat.GroupChange) {
	for _, t := range s.conversations {
		if t.group == nil || t.role(person) == chat.RoleNone {
			continue
		}
		change, _ := s.changeLockedGroup(person, t.id, func(g *groupTx, role chat.Role) error {
			g.leaveTo(role, uuid.Nil)
			return nil
		})
		changes = append(changes, change)
	}
	return changes
}

// longest returns the admin, or else the member, who is there longest, without one person.
func (t *storedConversation) longest(without uuid.UUID) uuid.UUID {
	people := t.present()
	slices.SortStableFunc(people, func(a, b chat.Person) int {
		x, y := t.group.members[a.ID], t.group.members[b.ID]
		return cmp.Or(-cmp.Compare(rank(x.role), rank(y.role)), x.at.Compare(y.at))
	})
	for _, p := range people {
		if p.ID != without {
			return p.ID
		}
	}
	return uuid.Nil
}

func rank(r chat.Role) int {
	return slices.Index([]chat.Role{chat.RoleMember, chat.RoleAdmin, chat.RoleOwner}, r)
}

// describeGroup sets what a conversation has as a group, and returns the members that it lists.
func (s *Store) describeGroup(c *chat.Conversation, t *storedConversation, viewer uuid.UUID) []chat.Person {
	me := t.group.members[viewer]
	if me == nil {
		return nil
	}

	c.Kind, c.Title, c.Name, c.About = chat.GroupConversation, t.group.Name, t.group.Name, t.group.About
	c.Posting, c.History, c.Role, c.FromSeq = t.group.Posting, t.group.History, me.role, me.from
	c.MembersCount = len(t.present())
	c.Writable = me.role.Manages() || me.role != chat.RoleNone && t.group.Posting == chat.PostingAll
	return slices.DeleteFunc(slices.Clone(t.members), func(p chat.Person) bool { return p.ID != viewer })
}

// unreadTexts counts the texts of others after a seq, to 100.
func (t *storedConversation) unreadTexts(viewer uuid.UUID, after, to int64) (n int64) {
	for _, m := range t.messages[after:to] {
		if m.Kind != chat.MessageSystem && m.Sender.ID != viewer && n < 100 {
			n++
		}
	}
	return n
}
