package chat

import (
	"context"

	"github.com/google/uuid"
)

// MarkRead moves the viewer's read mark forward, at most to the last message. When
// it moved, the members who may know are notified. The others are notified that the
// messages were delivered, because reading implies it.
func (s *Messages) MarkRead(ctx context.Context, viewer Person, id uuid.UUID, seq int64) error {
	membership, err := s.memberForMark(ctx, viewer, id, seq)
	if err != nil {
		return err
	}

	to := membership.readReceiptsTo(viewer.ID)
	if len(to) < len(membership.Members) {
		if err := s.MarkDelivered(ctx, viewer, id, seq); err != nil {
			return err
		}
	}

	now, moved, err := s.store.MarkRead(ctx, viewer.ID, id, seq)
	if moved {
		s.bus.Publish(ctx, ReadEvent{ConversationID: id, Person: viewer.ID, Seq: now}, to)
	}

	return err
}

// MarkDelivered records that one of the viewer's pages has everything up to seq.
func (s *Messages) MarkDelivered(ctx context.Context, viewer Person, id uuid.UUID, seq int64) error {
	membership, err := s.memberForMark(ctx, viewer, id, seq)
	if err != nil {
		return err
	}

	now, moved, err := s.store.MarkDelivered(ctx, viewer.ID, id, seq)
	if moved {
		s.bus.Publish(ctx, DeliveredEvent{ConversationID: id, Person: viewer.ID, Seq: now}, membership.IDs())
	}

	return err
}

func (s *Messages) memberForMark(ctx context.Context, viewer Person, id uuid.UUID, seq int64) (Membership, error) {
	if seq < 0 {
		return Membership{}, Invalid("seq", "This is not a place in the conversation.")
	}
	return s.access.member(ctx, viewer.ID, id)
}

// HideReading removes from a conversation the read marks that the viewer may not
// see: those of members who hide theirs, and all of them when the viewer hides theirs.
// shares has the people who share their read marks.
func (c *Conversation) HideReading(viewer uuid.UUID, shares map[uuid.UUID]bool) {
	for i := range c.Members {
		if m := &c.Members[i]; !shares[viewer] || !shares[m.ID] {
			m.ReadSeq = nil
		}
	}
}

// readReceiptsTo returns the members who are notified of a person's read mark: the
// person, and when the person shares it, the others who share theirs.
func (m Membership) readReceiptsTo(reader uuid.UUID) (ids []uuid.UUID) {
	shares := map[uuid.UUID]bool{}
	for _, p := range m.Members {
		shares[p.ID] = p.ShareRead
	}

	for _, p := range m.Members {
		if p.ID == reader || shares[reader] && shares[p.ID] {
			ids = append(ids, p.ID)
		}
	}

	return ids
}
