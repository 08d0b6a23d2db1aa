package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// BlockStore keeps who wants nothing to do with whom. Who is blocked can't find, ask, write to or see the presence of who blocked them, and
// can't tell that from their having gone.
type BlockStore interface {
	// Block ends the friendship, cancels and declines the requests between the two, and remembers the block, or does none of it. Doing it twice
	// is no error. Errors: Invalid (field person: oneself), NotFound (whoever the person can't find, unless they have a conversation).
	Block(ctx context.Context, person, other uuid.UUID, at time.Time) (FriendshipEnd, error)
	// Unblock takes a block back; they are strangers then.
	Unblock(ctx context.Context, person, other uuid.UUID) error
	// Blocked lists whom a person has blocked, by folded name.
	Blocked(ctx context.Context, person uuid.UUID) ([]Person, error)
}

// Block blocks a person for the viewer.
func (s *Service) Block(ctx context.Context, viewer Person, person uuid.UUID) error {
	if person == viewer.ID {
		return Invalid("person", "It takes two. Choose somebody else.")
	}
	p, err := s.store.Block(ctx, viewer.ID, person, s.now())
	if err == nil {
		s.tellParting(ctx, p)
	}
	return err
}

// Unblock takes a block back. Of somebody who isn't blocked, or doesn't exist, it changes nothing.
func (s *Service) Unblock(ctx context.Context, viewer Person, person uuid.UUID) error {
	return s.store.Unblock(ctx, viewer.ID, person)
}

// Blocked lists whom the viewer has blocked.
func (s *Service) Blocked(ctx context.Context, viewer Person) ([]Person, error) {
	return s.store.Blocked(ctx, viewer.ID)
}
