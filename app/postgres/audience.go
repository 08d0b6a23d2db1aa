package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// audienceOf returns the audience of one conversation, or an error that wraps chat.ErrContent if
// it doesn't exist.
func audienceOf(ctx context.Context, q *queries.Queries, conversation uuid.UUID) (chat.Audience, error) {
	rows, err := q.Audiences(ctx, []uuid.UUID{conversation})
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("%w: no such conversation", chat.ErrContent)
	}
	if err != nil {
		return chat.Audience{}, err
	}
	return audience(rows[0].ID, rows[0].Channel, rows[0].People), nil
}

func audience(conversation uuid.UUID, channel bool, people []uuid.UUID) chat.Audience {
	if channel {
		return chat.ToConversation(conversation)
	}
	return chat.ToPeople(people...)
}
