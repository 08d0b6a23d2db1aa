package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// Numbers reads the stored seqs of a conversation above after, and the gaps between
// them. It scans that part of the conversation in the index.
func (s *Store) Numbers(ctx context.Context, conversation uuid.UUID, after int64) (chat.Numbers, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	row, err := s.q.Numbers(ctx, queries.NumbersParams{ConversationID: conversation, After: after})
	if err != nil {
		return chat.Numbers{}, mapError(err)
	}

	n := chat.Numbers{First: row.First, Last: row.Last, Count: row.Stored, Missing: make([]chat.Gap, len(row.GapsFrom))}
	for i := range row.GapsFrom {
		n.Missing[i] = chat.Gap{From: row.GapsFrom[i], To: row.GapsTo[i]}
	}
	return n, nil
}
