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

// changeGroup runs f behind the group's locks for an actor who is present.
func (s *Store) changeGroup(
	ctx context.Context, actor, id uuid.UUID, f func(g *groupTx) error,
) (chat.GroupChange, error) {
	return s.lockedGroup(ctx, actor, id, func(g *groupTx) error {
		if g.role == chat.RoleNone {
			return chat.ErrNotFound()
		}
		return f(g)
	})
}

// lockedGroup runs f behind the group's locks, then sets the audience.
func (s *Store) lockedGroup(
	ctx context.Context, actor, id uuid.UUID, f func(g *groupTx) error,
) (change chat.GroupChange, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	err = s.tx(ctx, func(q *queries.Queries) (err error) {
		change, err = inGroup(ctx, q, actor, id, f)
		return err
	})
	return change, err
}

// inGroup runs f in a transaction behind the group's locks, then sets the audience.
func inGroup(
	ctx context.Context, q *queries.Queries, actor, id uuid.UUID, f func(g *groupTx) error,
) (chat.GroupChange, error) {
	if err := q.LockConversation(ctx, id.String()); err != nil {
		return chat.GroupChange{}, err
	}
	group, err := q.LockGroup(ctx, id)
	if err != nil {
		return chat.GroupChange{}, err
	}

	g := &groupTx{ctx: ctx, q: q, group: group, actor: actor, change: chat.GroupChange{ConversationID: id}}
	if g.role, err = g.roleOf(actor); err != nil {
		return chat.GroupChange{}, err
	}
	if err := f(g); err != nil {
		return chat.GroupChange{}, err
	}
	return g.finish()
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
		Kind:           chat.MessageSystem,
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

// requireFriends returns NotAllowed unless all of the people are friends of the actor. An
// account is deleted, and leaves its groups, before or after the transaction.
func (g *groupTx) requireFriends(people []uuid.UUID) error {
	if err := g.q.KeepPeople(g.ctx, people); err != nil {
		return err
	}
	friends, err := g.q.FriendsAmong(g.ctx, queries.FriendsAmongParams{Person: g.actor, People: people})
	if err == nil && len(friends) < len(people) {
		err = chat.ErrNotAllowed("Only friends can be added to a group. Ask them to be your friend first.")
	}
	return err
}
