package chat

import (
	"context"

	"github.com/google/uuid"
)

// DeletionStore ends accounts.
type DeletionStore interface {
	// DeleteAccount empties a person's row, under the name DeletedName, and removes their identities, sessions, friendships, requests, blocks,
	// drafts, returned messages and picture, all or nothing. Conversations and messages stay. Doing it again finds nothing and is no error.
	DeleteAccount(ctx context.Context, person uuid.UUID) (Deletion, error)
}

// DeletedName is what others see of an account that was deleted.
const DeletedName = "Deleted person"

// Deletion is what went with an account.
type Deletion struct {
	Sessions []uuid.UUID
	Friends  []uuid.UUID
}

// DeleteAccount deletes the viewer's account at once and for good, and signs them out everywhere. typed is their name, to confirm; else
// Invalid (field name). What is cached goes on every replica, streams are closed, and friends are told that it is over; should the process end
// before that is said, caches expire in a minute and EndedSessions finds the streams.
func (s *Service) DeleteAccount(ctx context.Context, viewer Person, typed string) error {
	if name, err := NormalizeName(typed); err != nil || FoldName(name) != FoldName(viewer.Name) {
		return Invalid("name", "This isn’t your name as it is written here. Nothing was deleted.")
	}
	gone, err := s.store.DeleteAccount(ctx, viewer.ID)
	if err != nil {
		return err
	}
	s.personChanged(ctx, viewer.ID)
	s.ended(ctx, gone.Sessions...)
	if len(gone.Friends) > 0 {
		s.bus.Publish(ctx, FriendEvent{Person: Person{ID: viewer.ID, Name: DeletedName}, State: "none"}, gone.Friends)
	}
	return nil
}
