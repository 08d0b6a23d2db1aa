package chat

import (
	"context"

	"github.com/google/uuid"
)

// CountsStore counts what is new to a person.
type CountsStore interface {
	// Counts returns the counts of a person.
	Counts(ctx context.Context, person uuid.UUID) (Counts, error)
}

// Counts are what is new to a person, in all conversations and friend requests.
type Counts struct {
	Unread   int64 // messages
	Requests int64 // incoming and pending
}

// Total is the number in a page's title.
func (c Counts) Total() int64 { return c.Unread + c.Requests }

// Counts returns what is new to the viewer.
func (s *Messages) Counts(ctx context.Context, viewer Person) (Counts, error) {
	return s.store.Counts(ctx, viewer.ID)
}
