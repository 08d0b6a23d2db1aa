package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// Seen reads when people were last online, and who of them shares it.
func (s *Store) Seen(ctx context.Context, people []uuid.UUID) (map[uuid.UUID]chat.Seen, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	rows, err := s.q.Seen(ctx, people)
	if err != nil {
		return nil, mapError(err)
	}
	seen := make(map[uuid.UUID]chat.Seen, len(rows))
	for _, row := range rows {
		entry := chat.Seen{Shared: row.SharePresence}
		if row.SharePresence && row.SeenAt.Valid {
			entry.At = &row.SeenAt.Time
		}
		seen[row.ID] = entry
	}
	return seen, nil
}

// SetSeen stores when people's last streams ended.
func (s *Store) SetSeen(ctx context.Context, people []uuid.UUID, at time.Time) error {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	return mapError(s.q.SetSeen(ctx, queries.SetSeenParams{Ids: people, At: at}))
}
