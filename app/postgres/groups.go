package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// groupTx is a transaction that changes one group, behind its locks.
type groupTx struct {
	ctx    context.Context
	q      *queries.Queries
	group  queries.LockGroupRow
	change chat.GroupChange
	actor  uuid.UUID
	role   chat.Role // of the actor
}

// changeGroup runs f behind the group's locks for an actor who is present, then sets the
// audience.
func (s *Store) changeGroup(
	ctx context.Context, actor, id uuid.UUID, f func(g *groupTx) error,
) (change chat.GroupChange, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	err = s.tx(ctx, func(q *queries.Queries) error {
		if err := q.LockConversation(ctx, id.String()); err != nil {
			return err
		}
		group, err := q.LockGroup(ctx, id)
		if err != nil {
			return err
		}

		g := &groupTx{ctx: ctx, q: q, group: group, actor: actor, change: chat.GroupChange{ConversationID: id}}
		if g.role, err = g.roleOf(actor); err != nil {
			return err
		}
		if g.role == chat.RoleNone {
			return chat.ErrNotFound()
		}
		if err := f(g); err != nil {
			return err
		}

		change, err = g.finish()
		return err
	})
	return change, err
}

// finish reads the people and the audience of the change.
func (g *groupTx) finish() (chat.GroupChange, error) {
	to, err := audienceOf(g.ctx, g.q, g.change.ConversationID)
	if err != nil {
		return chat.GroupChange{}, err
	}
	g.change.Audience = to
	return g.change, g.addPeople()
}

// addPeople sets the names of the people in the change.
func (g *groupTx) addPeople() error {
	var ids []uuid.UUID
	for _, m := range g.change.Messages {
		ids = append(ids, m.Sender.ID)
		if m.System.Person != nil {
			ids = append(ids, m.System.Person.ID)
		}
	}
	for _, m := range g.change.Members {
		ids = append(ids, m.Person.ID)
	}

	rows, err := g.q.PeopleByID(g.ctx, ids)
	if err != nil {
		return err
	}
	people := make(map[uuid.UUID]chat.Person, len(rows))
	for _, r := range rows {
		people[r.ID] = chat.Person{ID: r.ID, Name: r.Name, Picture: r.Picture}
	}

	for i := range g.change.Messages {
		m := &g.change.Messages[i]
		m.Sender = people[m.Sender.ID]
		m.System.Actor = m.Sender
		if p := m.System.Person; p != nil {
			*p = people[p.ID]
		}
	}
	for i := range g.change.Members {
		g.change.Members[i].Person = people[g.change.Members[i].Person.ID]
	}
	return nil
}

// roleOf returns the role of a person, RoleNone for one who is not present.
func (g *groupTx) roleOf(person uuid.UUID) (chat.Role, error) {
	m, err := g.q.GroupMember(g.ctx, queries.GroupMemberParams{ConversationID: g.change.ConversationID, UserID: person})
	switch {
	case chat.KindOf(mapError(err)) == chat.KindNotFound || err == nil && !m.Present:
		return chat.RoleNone, nil
	case err != nil:
		return chat.RoleNone, err
	}
	return chat.Role(m.Role), nil
}

// presentRoleOf returns the role of a person, or NotFound for one who is not present.
func (g *groupTx) presentRoleOf(person uuid.UUID) (chat.Role, error) {
	role, err := g.roleOf(person)
	if err == nil && role == chat.RoleNone {
		err = chat.ErrNotFound()
	}
	return role, err
}

// say numbers a system message of the actor.
func (g *groupTx) say(event chat.SystemEvent, person *uuid.UUID, value string) error {
	g.group.LastSeq++
	seq, now := g.group.LastSeq, chat.At(time.Now())
	m := chat.Message{
		ID:             chat.NewID(),
		ConversationID: g.change.ConversationID,
		Seq:            &seq,
		ClientID:       chat.NewID(),
		Sender:         chat.Person{ID: g.actor},
		SentAt:         now,
		Kind:           chat.GroupMessage,
		System:         &chat.SystemMessage{Event: event, Value: value},
	}
	if person != nil {
		m.System.Person = &chat.Person{ID: *person}
	}
	g.change.Messages = append(g.change.Messages, m)

	return g.q.InsertSystemMessage(g.ctx, queries.InsertSystemMessageParams{
		ConversationID: m.ConversationID,
		Seq:            seq,
		ID:             m.ID,
		SenderID:       g.actor,
		ClientID:       m.ClientID,
		Body:           value,
		SentAt:         now.Time,
		Event:          string(event),
		PersonID:       person,
	})
}

// join makes a person a present member, after the message that says so.
func (g *groupTx) join(person uuid.UUID, role chat.Role) error {
	from := g.group.LastSeq
	if chat.HistoryRule(g.group.History) == chat.HistoryAll {
		from = 1
	}
	err := g.q.JoinGroup(g.ctx, queries.JoinGroupParams{
		ConversationID: g.change.ConversationID,
		UserID:         person,
		Role:           string(role),
		JoinedSeq:      g.group.LastSeq,
		FromSeq:        from,
	})
	g.changed(person, role, chat.MemberJoined)
	return err
}

func (g *groupTx) changed(person uuid.UUID, role chat.Role, state string) {
	m := chat.MemberChange{Person: chat.Person{ID: person}, Role: role, State: state}
	g.change.Members = append(g.change.Members, m)
}

// leave ends a person's presence with the message that says so.
func (g *groupTx) leave(person uuid.UUID, removed bool) error {
	state := chat.MemberLeft
	if removed {
		state = chat.MemberRemoved
	}
	g.changed(person, chat.RoleNone, state)
	err := g.q.LeaveGroup(g.ctx, queries.LeaveGroupParams{
		ConversationID: g.change.ConversationID,
		UserID:         person,
		LeftSeq:        g.group.LastSeq,
		Removed:        removed,
	})
	if err != nil {
		return err
	}
	return g.count(-1)
}

// count changes the number of present members. A group that has more than
// chat.MaxSmallGroup gets a channel of its own, which reaches all members from then on.
func (g *groupTx) count(by int32) error {
	g.group.MembersCount += by
	opens := !g.group.Channel && g.group.MembersCount > chat.MaxSmallGroup
	err := g.q.CountMembers(g.ctx, queries.CountMembersParams{
		ID:           g.change.ConversationID,
		MembersCount: g.group.MembersCount,
		Channel:      opens,
	})
	if err != nil || !opens {
		return err
	}

	g.group.Channel = true
	g.change.Reached, err = g.q.PresentMembers(g.ctx, g.change.ConversationID)
	return err
}

// requireFriends returns NotAllowed unless all of the people are friends of the actor.
func (g *groupTx) requireFriends(people []uuid.UUID) error {
	friends, err := g.q.FriendsAmong(g.ctx, queries.FriendsAmongParams{Person: g.actor, People: people})
	if err == nil && len(friends) < len(people) {
		err = chat.ErrNotAllowed("Only friends can be added to a group. Ask them to be your friend first.")
	}
	return err
}

// CreateGroup creates a group of its owner and the owner's friends.
func (s *Store) CreateGroup(
	ctx context.Context, owner uuid.UUID, n chat.NewGroup,
) (change chat.GroupChange, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	err = s.tx(ctx, func(q *queries.Queries) error {
		g := &groupTx{ctx: ctx, q: q, actor: owner, change: chat.GroupChange{ConversationID: chat.NewID()}}
		g.group.History = string(n.History)
		if err := g.requireFriends(n.Members); err != nil {
			return err
		}

		err := q.CreateGroup(ctx, queries.CreateGroupParams{
			ID:           g.change.ConversationID,
			Name:         n.Name,
			FoldedName:   chat.Fold(n.Name),
			About:        n.About,
			Posting:      string(n.Posting),
			History:      string(n.History),
			MembersCount: int32(len(n.Members)) + 1, // #nosec G115 -- at most 10,000
			Channel:      len(n.Members)+1 > chat.MaxSmallGroup,
		})
		if err != nil {
			return err
		}
		if err := g.say(chat.SystemCreated, nil, n.Name); err != nil {
			return err
		}
		if err := g.join(owner, chat.RoleOwner); err != nil {
			return err
		}
		for _, p := range n.Members { // all read from the first message
			if err := g.join(p, chat.RoleMember); err != nil {
				return err
			}
		}

		change, err = g.finish()
		return err
	})
	return change, err
}

// ChangeGroup changes the settings of a group.
func (s *Store) ChangeGroup(
	ctx context.Context, actor, id uuid.UUID, n chat.GroupSettings,
) (chat.GroupChange, error) {
	return s.changeGroup(ctx, actor, id, func(g *groupTx) error {
		if !g.role.Manages() {
			return chat.ErrNotAllowed("Only admins change a group.")
		}

		old := g.group
		if old.Name != n.Name {
			if err := g.say(chat.SystemRenamed, nil, n.Name); err != nil {
				return err
			}
		}
		if old.About != n.About {
			if err := g.say(chat.SystemChanged, nil, "about"); err != nil {
				return err
			}
		}
		if chat.Posting(old.Posting) != n.Posting {
			if err := g.say(chat.SystemChanged, nil, "posting="+string(n.Posting)); err != nil {
				return err
			}
		}
		if chat.HistoryRule(old.History) != n.History {
			if err := g.say(chat.SystemChanged, nil, "history="+string(n.History)); err != nil {
				return err
			}
		}

		return g.q.UpdateGroup(g.ctx, queries.UpdateGroupParams{
			ID:         id,
			Name:       n.Name,
			FoldedName: chat.Fold(n.Name),
			About:      n.About,
			Posting:    string(n.Posting),
			History:    string(n.History),
		})
	})
}

// AddMember adds a friend of the actor to a group.
func (s *Store) AddMember(
	ctx context.Context, actor, id, person uuid.UUID, maxMembers int,
) (chat.GroupChange, error) {
	return s.changeGroup(ctx, actor, id, func(g *groupTx) error {
		if !g.role.Manages() {
			return chat.ErrNotAllowed("Only admins add people to a group.")
		}
		if role, err := g.roleOf(person); err != nil || role != chat.RoleNone {
			return err
		}
		if err := g.requireFriends([]uuid.UUID{person}); err != nil {
			return err
		}
		if int(g.group.MembersCount) >= maxMembers {
			return chat.ErrGroupFull(maxMembers)
		}

		if err := g.say(chat.SystemJoined, &person, ""); err != nil {
			return err
		}
		if err := g.join(person, chat.RoleMember); err != nil {
			return err
		}
		return g.count(1)
	})
}

// RemoveMember removes a member from a group.
func (s *Store) RemoveMember(ctx context.Context, actor, id, person uuid.UUID) (chat.GroupChange, error) {
	return s.changeGroup(ctx, actor, id, func(g *groupTx) error {
		if actor == person {
			return chat.Invalid("person", "To go yourself, leave the group.")
		}
		role, err := g.presentRoleOf(person)
		if err != nil {
			return err
		}
		if !g.role.Manages() || role.Manages() && g.role != chat.RoleOwner {
			return chat.ErrNotAllowed("You can’t remove this person: admins remove members, and owners remove admins too.")
		}

		if err := g.say(chat.SystemRemoved, &person, ""); err != nil {
			return err
		}
		return g.leave(person, true)
	})
}

// ChangeRole gives a member of a group a role.
func (s *Store) ChangeRole(
	ctx context.Context, actor, id, person uuid.UUID, role chat.Role,
) (chat.GroupChange, error) {
	return s.changeGroup(ctx, actor, id, func(g *groupTx) error {
		before, err := g.presentRoleOf(person)
		switch {
		case err != nil:
			return err
		case g.role != chat.RoleOwner:
			return chat.ErrNotAllowed("Only owners change what others may do.")
		case before == role:
			return nil
		}

		if before == chat.RoleOwner {
			if other, err := g.successor(person); err != nil || other.Role != string(chat.RoleOwner) {
				return orElse(err, &chat.Error{
					Kind:   chat.KindConflict,
					Detail: "A group needs an owner. Make somebody else an owner first.",
				})
			}
		}
		return g.setRole(person, role)
	})
}

func (g *groupTx) setRole(person uuid.UUID, role chat.Role) error {
	if err := g.say(chat.SystemRole, &person, string(role)); err != nil {
		return err
	}
	g.changed(person, role, chat.MemberChanged)
	return g.q.SetRole(g.ctx, queries.SetRoleParams{
		ConversationID: g.change.ConversationID,
		UserID:         person,
		Role:           string(role),
	})
}

// successor returns who could own the group after a person: an owner if there is another one.
// Without other members it is the zero value.
func (g *groupTx) successor(after uuid.UUID) (queries.SuccessorsRow, error) {
	rows, err := g.q.Successors(g.ctx, queries.SuccessorsParams{ConversationID: g.change.ConversationID, UserID: after})
	if err != nil || len(rows) == 0 {
		return queries.SuccessorsRow{}, err
	}
	return rows[0], nil
}

// LeaveGroup ends a person's presence in a group.
func (s *Store) LeaveGroup(ctx context.Context, person, id, successor uuid.UUID) (chat.GroupChange, error) {
	return s.changeGroup(ctx, person, id, func(g *groupTx) error {
		if err := g.passOn(person, successor); err != nil {
			return err
		}
		if err := g.say(chat.SystemLeft, nil, ""); err != nil {
			return err
		}
		return g.leave(person, false)
	})
}

// passOn makes somebody else an owner, if a person is the last one and others are present:
// the chosen successor, or with uuid.Nil the best one.
func (g *groupTx) passOn(from, chosen uuid.UUID) error {
	if chosen != uuid.Nil {
		if role, err := g.presentRoleOf(chosen); err != nil || role == chat.RoleOwner {
			return err
		}
	}
	if g.role != chat.RoleOwner {
		return nil
	}

	next, err := g.successor(from)
	if err != nil || next.UserID == uuid.Nil || next.Role == string(chat.RoleOwner) {
		return err
	}
	if chosen == uuid.Nil || chosen == from {
		chosen = next.UserID
	}
	return g.setRole(chosen, chat.RoleOwner)
}

// memberKeyset is the last member of a page.
type memberKeyset struct {
	Name string    `json:"n"`
	ID   uuid.UUID `json:"i"`
}

// GroupMembers reads a page of a group's present members, by folded name.
func (s *Store) GroupMembers(
	ctx context.Context, viewer, id uuid.UUID, page string, limit int,
) (chat.MemberPage, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	after, err := decodePage[memberKeyset](page)
	if err != nil {
		return chat.MemberPage{}, err
	}
	rows, err := s.q.GroupMembers(ctx, queries.GroupMembersParams{
		ConversationID: id,
		Viewer:         viewer,
		AfterName:      after.Name,
		AfterID:        after.ID,
		MaxRows:        int32(limit) + 1, // #nosec G115 -- a page
	})
	if err != nil {
		return chat.MemberPage{}, mapError(err)
	}

	list := chat.MemberPage{Members: []chat.GroupMember{}}
	for i, row := range rows {
		if i == limit {
			list.Next = encodePage(memberKeyset{rows[i-1].FoldedName, rows[i-1].ID})
			break
		}
		list.Members = append(list.Members, chat.GroupMember{
			Person:    chat.Person{ID: row.ID, Name: row.Name, Picture: row.Picture},
			Role:      chat.Role(row.Role),
			JoinedSeq: row.JoinedSeq,
			JoinedAt:  chat.At(row.JoinedAt),
		})
	}
	return list, nil
}

// MembersWhoShare reads the other present members of a small group who share something.
func (s *Store) MembersWhoShare(
	ctx context.Context, id, person uuid.UUID, what string, maxMembers int,
) ([]uuid.UUID, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	people, err := s.q.MembersWhoShare(ctx, queries.MembersWhoShareParams{
		ConversationID: id,
		Person:         person,
		What:           what,
		MaxMembers:     int32(maxMembers), // #nosec G115 -- a constant
	})
	return people, mapError(err)
}

// orElse returns err, or other without one.
func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
