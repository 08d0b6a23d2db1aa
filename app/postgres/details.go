package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Numbers reads the stored seqs of a conversation and the gaps between them. It
// scans the whole conversation in the index.
func (s *Store) Numbers(ctx context.Context, conversation uuid.UUID) (chat.Numbers, error) {
	ctx, cancel := withRequestTimeout(ctx)
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
