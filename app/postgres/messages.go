package postgres

import (
	"context"
	"math"
	"slices"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// Messages reads a page of a conversation in ascending order. newest reports
// whether the page includes the last message.
func (s *Store) Messages(
	ctx context.Context, conversation uuid.UUID, r chat.Range,
) (page []chat.Message, newest bool, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	err = s.read(ctx, func(q *queries.Queries) (err error) {
		switch {
		case r.After != nil:
			page, newest, err = messagesAfter(ctx, q, conversation, *r.After, r.Limit)
		case r.At != nil:
			page, newest, err = messagesAround(ctx, q, conversation, *r.At, r.Limit)
		case r.Before != nil:
			newest = false
			page, err = messagesBefore(ctx, q, conversation, *r.Before, r.Limit)
		default:
			newest = true
			page, err = messagesBefore(ctx, q, conversation, math.MaxInt64, r.Limit)
		}
		return err
	})
	return page, newest && err == nil, err
}

// messagesAfter reads one row more than the page has, to know whether the page
// includes the last message.
func messagesAfter(
	ctx context.Context, q *queries.Queries, conversation uuid.UUID, after int64, limit int,
) ([]chat.Message, bool, error) {
	rows, err := q.MessagesAfter(ctx, queries.MessagesAfterParams{
		ConversationID: conversation,
		After:          after,
		MaxRows:        int32(limit) + 1,
	})
	if err != nil {
		return nil, false, mapError(err)
	}
	messages := make([]chat.Message, 0, len(rows))
	for _, row := range rows[:min(limit, len(rows))] {
		messages = append(messages, message(row))
	}
	return messages, len(rows) <= limit, nil
}

func messagesBefore(
	ctx context.Context, q *queries.Queries, conversation uuid.UUID, before int64, limit int,
) ([]chat.Message, error) {
	rows, err := q.MessagesBefore(ctx, queries.MessagesBeforeParams{
		ConversationID: conversation,
		Before:         before,
		MaxRows:        int32(limit),
	})
	if err != nil {
		return nil, mapError(err)
	}
	messages := make([]chat.Message, 0, len(rows))
	for _, row := range slices.Backward(rows) {
		messages = append(messages, message(row))
	}
	return messages, nil
}

// messagesAround reads the page of a permalink: the message with half a page on
// each side.
func messagesAround(
	ctx context.Context, q *queries.Queries, conversation uuid.UUID, at int64, limit int,
) ([]chat.Message, bool, error) {
	later, newest, err := messagesAfter(ctx, q, conversation, at-1, (limit+1)/2)
	if err != nil || limit == len(later) {
		return later, newest, err
	}
	earlier, err := messagesBefore(ctx, q, conversation, at, limit-len(later))
	return append(earlier, later...), newest, err
}

func message(row queries.SentMessage) chat.Message {
	return chat.Message{
		ID:             row.ID,
		ConversationID: row.ConversationID,
		Seq:            &row.Seq,
		LogOffset:      row.LogOffset,
		ClientID:       row.ClientID,
		Sender:         chat.Person{ID: row.SenderID, Name: row.SenderName, Picture: row.SenderPicture},
		Body:           row.Body,
		SentAt:         chat.At(row.SentAt),
	}
}

// Known returns the set of those messages that are stored.
func (s *Store) Known(ctx context.Context, conversation uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	rows, err := s.q.KnownMessages(ctx, queries.KnownMessagesParams{
		ConversationIds: []uuid.UUID{conversation},
		Ids:             ids,
	})
	known := make(map[uuid.UUID]bool, len(rows))
	for _, row := range rows {
		known[row.ID] = true
	}
	return known, mapError(err)
}
