package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/app/status"
	"parley/db/queries"
)

// Place finds a stored message by its id alone, for operators. What a member hides of their reading is hidden here too.
func (s *Store) Place(ctx context.Context, message uuid.UUID) (status.MessageLocation, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	row, err := s.q.MessageLocation(ctx, message)
	if err != nil {
		return status.MessageLocation{}, mapError(err)
	}
	p := status.MessageLocation{ConversationID: row.ConversationID, SenderID: row.SenderID, Seq: row.Seq, LogOffset: row.LogOffset, SentAt: row.SentAt.UTC()}
	marks, err := s.q.MarksOfOthers(ctx, queries.MarksOfOthersParams{ConversationID: row.ConversationID, Sender: row.SenderID})
	for _, m := range marks {
		mark := status.Mark{Person: m.UserID}
		if m.ShareRead {
			mark.Delivered, mark.Read = &m.DeliveredSeq, &m.ReadSeq
		}
		p.Marks = append(p.Marks, mark)
	}
	return p, mapError(err)
}
