package chat

import (
	"context"

	"github.com/google/uuid"
)

// CountsStore counts what is new to a person.
type CountsStore interface {
	// Counts returns the counts of a person, and of their open conversation, or uuid.Nil.
	Counts(ctx context.Context, person, current uuid.UUID) (Counts, error)
}

// Counts are what is new to a person, in all conversations and friend requests. Muted and
// archived conversations don't count.
type Counts struct {
	Unread        int64       // messages
	Here          int64       // those of the open conversation, which Unread includes
	Conversations int64       // with unread messages
	Archived      int64       // conversations in the archive
	Muted         []uuid.UUID // conversations that are muted
	Requests      int64       // incoming and pending
}

// Total is the number in a page's title: messages, without those of the open conversation.
// Requests have a badge of their own.
func (c Counts) Total() int64 { return c.Unread - c.Here }

// Counts returns what is new to the viewer, who looks at the conversation current, or at
// none (uuid.Nil).
func (s *Messages) Counts(ctx context.Context, viewer Person, current uuid.UUID) (Counts, error) {
	return s.store.Counts(ctx, viewer.ID, current)
}
