package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Numbers reads a conversation's numbers, all of them, by its index.
func (s *Store) Numbers(ctx context.Context, conversation uuid.UUID) (chat.Numbers, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	row, err := s.q.Numbers(ctx, conversation)
	if err != nil {
		return chat.Numbers{}, mapError(err)
	}
	n := chat.Numbers{First: row.First, Last: row.Last, Count: row.Stored, Missing: make([]chat.Gap, len(row.GapsFrom))}
	for i := range row.GapsFrom {
		n.Missing[i] = chat.Gap{From: row.GapsFrom[i], To: row.GapsTo[i]}
	}
	return n, nil
}
