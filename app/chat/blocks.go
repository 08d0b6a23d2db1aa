package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// BlockStore keeps blocks. To a blocked person the blocker looks like a stranger who
// never answers: they are found, a request to them stays pending and is not delivered,
// and a conversation with them is as after the end of a friendship. A block of a
// deleted account comes back with the next account of the same identity.
type BlockStore interface {
	// Block ends the friendship, cancels the person's requests to the other one, hides the
	// other one's request from the person, to whom the result has it as declined, and keeps
	// the block, in one transaction. A repeated call is no error. Errors: Invalid (field
	// person: oneself), NotFound (there is no such person, and no conversation with them).
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
