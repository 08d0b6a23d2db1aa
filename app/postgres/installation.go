package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/db/queries"
)

// InstallationID returns the identity of the database, which it keeps in a backup. The schema must
// be up to date.
func (s *Store) InstallationID(ctx context.Context) (id uuid.UUID, err error) {
	err = s.tx(ctx, func(q *queries.Queries) error {
		id, err = q.InstallationID(ctx)
		return err
	})
	return id, err
}
