package chat

import (
	"context"

	"github.com/google/uuid"
)

// changeGroup changes a group for a present member. Others get NotFound, and cost nothing.
func (s *Messages) changeGroup(
	ctx context.Context, viewer Person, id uuid.UUID, change func() (GroupChange, error),
) error {
	m, err := s.access.member(ctx, viewer.ID, id)
	if err == nil && (m.Kind != GroupConversation || !m.present()) {
		err = ErrNotFound()
	}
	if err != nil {
		return err
	}
	return s.changeAfterTail(ctx, id, change)
}

// changeAfterTail stores what waits in the group's tail, so that what was acknowledged before
// the change stays before it, then runs the change and publishes it. If the process ends before
// it has published, pages learn of the change with their next fetch, and replicas when they read
// memberships again.
func (s *Messages) changeAfterTail(ctx context.Context, id uuid.UUID, change func() (GroupChange, error)) error {
	if tail, _ := s.bus.Pending(ctx, id); len(tail) > 0 {
		stored, err := s.storeTail(ctx, tail)
		if err != nil {
			return err
		}
		s.bus.Stored(ctx, stored)
	}

	c, err := change()
	if err != nil {
		return err
	}
	s.PublishGroupChange(ctx, c)
	return nil
}

// PublishGroupChange invalidates what all replicas have cached of the group, then notifies the
// members, and those who have just left.
func (s *Messages) PublishGroupChange(ctx context.Context, c GroupChange) {
	if len(c.Messages) == 0 {
		return // nothing has changed
	}

	ctx = context.WithoutCancel(ctx)
	concerned := c.Reached
	var gone []uuid.UUID
	for _, m := range c.Members {
		concerned = append(concerned, m.Person.ID)
		if m.Role == RoleNone {
			gone = append(gone, m.Person.ID)
		}
	}
	s.access.changed(ctx, InvalidateEvent{Conversation: &c.ConversationID, Members: concerned})

	stored := StoredConversation{ConversationID: c.ConversationID, Audience: c.Audience}
	for _, m := range c.Messages {
		s.bus.Announce(ctx, m, c.Audience)
		if len(gone) > 0 {
			s.bus.Announce(ctx, m, ToPeople(gone...))
		}
		stored.Messages = append(stored.Messages, StoredID{ID: m.ID, Seq: *m.Seq})
	}
	s.bus.Stored(ctx, []StoredConversation{stored})

	for _, m := range c.Members {
		e := MemberEvent{ConversationID: c.ConversationID, Person: m.Person.ID, State: m.State, Role: m.Role}
		s.bus.Publish(ctx, e, c.Audience)
		if c.Audience.Conversation != uuid.Nil || m.Role == RoleNone { // else among the people
			s.bus.Publish(ctx, e, ToPeople(m.Person.ID))
		}
	}
	if len(c.Members) == 0 {
		s.bus.Publish(ctx, ConversationEvent{ConversationID: c.ConversationID}, c.Audience)
	}
}

// renamed returns the change with another name of a person.
func (c GroupChange) renamed(person uuid.UUID, name string) GroupChange {
	rename := func(p *Person) {
		if p != nil && p.ID == person {
			p.Name, p.Picture = name, ""
		}
	}
	for i := range c.Messages {
		rename(&c.Messages[i].Sender)
		rename(&c.Messages[i].System.Actor)
		rename(c.Messages[i].System.Person)
	}
	for i := range c.Members {
		rename(&c.Members[i].Person)
	}
	return c
}
