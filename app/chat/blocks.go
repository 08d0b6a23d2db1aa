package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// BlockStore keeps blocks. A blocked person can't find, befriend or write to the
// person who blocked them, nor see their presence. To them the account looks as if
// it was deleted.
type BlockStore interface {
	// Block ends the friendship, cancels and declines the requests between the two, and
	// keeps the block, in one transaction. A repeated call is no error. Errors: Invalid
	// (field person: oneself), NotFound (the person can't find the other one and has no
	// conversation with them).
	Block(ctx context.Context, person, other uuid.UUID, at time.Time) (FriendshipEnd, error)
	// Unblock removes a block. The two are strangers afterwards.
	Unblock(ctx context.Context, person, other uuid.UUID) error
	// Blocked returns the people whom a person has blocked, by folded name.
	Blocked(ctx context.Context, person uuid.UUID) ([]Person, error)
}

// Block blocks a person for the viewer.
func (s *People) Block(ctx context.Context, viewer Person, person uuid.UUID) error {
	if person == viewer.ID {
		return Invalid("person", "It takes two. Choose somebody else.")
	}
	end, err := s.store.Block(ctx, viewer.ID, person, s.now())
	if err == nil {
		s.publishEnd(ctx, end)
	}
	return err
}

// Unblock removes a block. For a person who is not blocked or doesn't exist it changes
// nothing.
func (s *People) Unblock(ctx context.Context, viewer Person, person uuid.UUID) error {
	return s.store.Unblock(ctx, viewer.ID, person)
}

// Blocked returns the people whom the viewer has blocked.
func (s *People) Blocked(ctx context.Context, viewer Person) ([]Person, error) {
	return s.store.Blocked(ctx, viewer.ID)
}
