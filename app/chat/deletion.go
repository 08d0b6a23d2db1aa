package chat

import (
	"context"

	"github.com/google/uuid"
)

// DeletionStore deletes accounts.
type DeletionStore interface {
	// DeleteAccount empties a person's row, under the name DeletedName, and deletes their
	// identities, sessions, friendships, requests, blocks, drafts, returned messages and
	// picture, in one transaction. They leave their groups as with LeaveGroup.
	// Conversations and messages stay. A repeated call finds
	// nothing and is no error.
	DeleteAccount(ctx context.Context, person uuid.UUID) (Deletion, error)
}

// DeletedName is the name of a deleted account.
const DeletedName = "Deleted person"

// Deletion is what was deleted with an account.
type Deletion struct {
	Sessions []uuid.UUID
	Friends  []uuid.UUID
	Groups   []GroupChange // what leaving their groups changed
}

// GroupPublisher publishes what was changed in a group (Messages).
type GroupPublisher interface {
	PublishGroupChange(ctx context.Context, c GroupChange)
}

var _ GroupPublisher = (*Messages)(nil)

// DeleteAccount deletes the viewer's account permanently. typed must be their name,
// as a confirmation; else Invalid (field name). Every replica drops its cached values
// and closes the streams, and friends are notified. If the process ends before that,
// caches expire within a minute and EndedSessions finds the streams.
func (s *Accounts) DeleteAccount(ctx context.Context, viewer Person, typed string) error {
	if FoldName(compose(typed)) != FoldName(viewer.Name) {
		return Invalid("name", "This isn’t your name as it is written here. Nothing was deleted.")
	}

	gone, err := s.store.DeleteAccount(ctx, viewer.ID)
	if err != nil {
		return err
	}

	s.access.personChanged(ctx, viewer.ID)
	s.access.sessionsEnded(ctx, gone.Sessions...)
	for _, change := range gone.Groups {
		s.groups.PublishGroupChange(ctx, change.renamed(viewer.ID, DeletedName))
	}
	if len(gone.Friends) > 0 {
		e := FriendEvent{Person: Person{ID: viewer.ID, Name: DeletedName}, State: StateNone}
		s.bus.Publish(ctx, e, ToPeople(gone.Friends...))
	}

	return nil
}
