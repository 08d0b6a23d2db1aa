package chat

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// MarkRead moves the viewer's read mark forward, at most to the last message. When
// it moved, the members who may know are notified. Members who may only know what
// was delivered are notified of that, because reading implies it.
func (s *Messages) MarkRead(ctx context.Context, viewer Person, id uuid.UUID, seq int64) error {
	membership, err := s.memberForMark(ctx, viewer, id, seq)
	if err != nil {
		return err
	}

	readers := s.mayKnow(ctx, membership, reading)
	if others := without(membership.mayKnow(presence), readers); len(others) > 0 {
		if err := s.markDelivered(ctx, viewer, id, seq, others); err != nil {
			return err
		}
	}

	mark, err := s.store.MarkRead(ctx, viewer.ID, id, seq)
	if mark.Moved {
		s.bus.Publish(ctx, ReadEvent{ConversationID: id, Person: viewer.ID, Seq: mark.Seq}, ToPeople(append(readers, viewer.ID)...))
	}
	if mark.Unmarked {
		s.publishArrangement(ctx, viewer, id)
	}

	return err
}

// ErrNoPlace returns the error for a field whose value is no seq of a conversation.
func ErrNoPlace(field string) error {
	return Invalid(field, "This is not a place in the conversation.")
}

// MarkDelivered records that one of the viewer's pages has everything up to seq. A
// delivery shows that the page is open, so only those who may see the viewer's
// presence are notified.
func (s *Messages) MarkDelivered(ctx context.Context, viewer Person, id uuid.UUID, seq int64) error {
	membership, err := s.memberForMark(ctx, viewer, id, seq)
	if err != nil {
		return err
	}
	return s.markDelivered(ctx, viewer, id, seq, membership.mayKnow(presence))
}

func (s *Messages) markDelivered(ctx context.Context, viewer Person, id uuid.UUID, seq int64, to []uuid.UUID) error {
	now, moved, err := s.store.MarkDelivered(ctx, viewer.ID, id, seq)
	if moved {
		s.bus.Publish(ctx, DeliveredEvent{ConversationID: id, Person: viewer.ID, Seq: now}, ToPeople(append(to, viewer.ID)...))
	}
	return err
}

func (s *Messages) memberForMark(ctx context.Context, viewer Person, id uuid.UUID, seq int64) (Membership, error) {
	if seq < 0 {
		return Membership{}, ErrNoPlace("seq")
	}
	return s.access.member(ctx, viewer.ID, id)
}

// HideMarks removes from a conversation the marks that the viewer may not see. It
// expects the marks of the members' last views where they have parted, and as their
// settings what they shared then. The delivered mark of a person whose presence is
// hidden is that of their reading, or none.
func (c *Conversation) HideMarks(viewer uuid.UUID, members []MemberSettings) {
	settings := make(map[uuid.UUID]MemberSettings, len(members))
	for _, m := range members {
		settings[m.ID] = m
	}

	for i := range c.Members {
		m := &c.Members[i]
		if !bothShare(settings[viewer], settings[m.ID], reading) {
			m.ReadSeq = nil
		}
		if m.ID != viewer && !bothShare(settings[viewer], settings[m.ID], presence) {
			m.DeliveredSeq = m.ReadSeq
		}
	}
}

func without(ids, others []uuid.UUID) []uuid.UUID {
	return slices.DeleteFunc(ids, func(id uuid.UUID) bool { return slices.Contains(others, id) })
}
