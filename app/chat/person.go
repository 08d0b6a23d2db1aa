package chat

import (
	"context"

	"github.com/google/uuid"
)

// Person is the public part of an account.
type Person struct {
	ID      uuid.UUID `json:"id"`
	Name    string    `json:"name"`
	Picture string    `json:"picture,omitempty"` // hash of the picture under /pictures/; "": initials
}

// Rename gives the viewer a name, which confirms it. All pages show the new name from
// then on.
func (s *Accounts) Rename(ctx context.Context, viewer Person, name string) error {
	name, err := NormalizeName(name)
	if err != nil {
		return err
	}
	err = s.store.Rename(ctx, viewer.ID, name)
	s.access.personChanged(ctx, viewer.ID) // after an error too: it may have been committed
	return err
}
