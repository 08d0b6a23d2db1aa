package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/app/status"
	"parley/db/queries"
)

// MessageLocation finds a stored message by its id alone, for operators. The marks
// of a member who doesn't share what they have read stay hidden.
func (s *Store) MessageLocation(ctx context.Context, message uuid.UUID) (status.MessageLocation, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	row, err := s.q.MessageLocation(ctx, message)
	if err != nil {
		return status.MessageLocation{}, mapError(err)
	}
	location := status.MessageLocation{
		ConversationID: row.ConversationID,
		SenderID:       row.SenderID,
		Seq:            row.Seq,
		LogOffset:      row.LogOffset,
		SentAt:         row.SentAt.UTC(),
	}

	members, err := s.q.MarksOfOthers(ctx, queries.MarksOfOthersParams{
		ConversationID: row.ConversationID,
		Sender:         row.SenderID,
	})
	for _, m := range members {
		mark := status.Mark{Person: m.UserID}
		if m.ShareRead {
			mark.Delivered, mark.Read = &m.DeliveredSeq, &m.ReadSeq
		}
		location.Marks = append(location.Marks, mark)
	}
	return location, mapError(err)
}
