package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// Seen reads when people were last here, and who shows it.
func (s *Store) Seen(ctx context.Context, people []uuid.UUID) (map[uuid.UUID]chat.Seen, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	rows, err := s.q.Seen(ctx, people)
	if err != nil {
		return nil, mapError(err)
	}
	seen := make(map[uuid.UUID]chat.Seen, len(rows))
	for _, row := range rows {
		known := chat.Seen{Shared: row.SharePresence}
		if row.SharePresence && row.SeenAt.Valid {
			known.At = &row.SeenAt.Time
		}
		seen[row.ID] = known
	}
	return seen, nil
}

// SetSeen notes when people went.
func (s *Store) SetSeen(ctx context.Context, people []uuid.UUID, at time.Time) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return mapError(s.q.SetSeen(ctx, queries.SetSeenParams{Ids: people, At: at}))
}
