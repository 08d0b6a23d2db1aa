package store

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// Messages reads a page, ascending. One row more than asked tells whether there is a next.
func (s *Store) Messages(ctx context.Context, conversation uuid.UUID, r chat.Range) ([]chat.Message, bool, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	switch {
	case r.After != nil:
		return s.messagesAfter(ctx, conversation, *r.After, r.Limit)
	case r.At != nil:
		return s.messagesAround(ctx, conversation, *r.At, r.Limit)
	case r.Before != nil:
		messages, err := s.messagesBefore(ctx, conversation, *r.Before, r.Limit)
		return messages, false, err
	}
	messages, err := s.messagesBefore(ctx, conversation, 1<<62, r.Limit)
	return messages, true, err
}

func (s *Store) messagesAfter(ctx context.Context, conversation uuid.UUID, after int64, limit int) ([]chat.Message, bool, error) {
	rows, err := s.q.MessagesAfter(ctx, queries.MessagesAfterParams{ConversationID: conversation, After: after, Most: int32(limit) + 1})
	if err != nil {
		return nil, false, failed(err)
	}
	messages := make([]chat.Message, 0, len(rows))
	for _, row := range rows[:min(limit, len(rows))] {
		messages = append(messages, message(queries.MessagesBeforeRow(row)))
	}
	return messages, len(rows) <= limit, nil
}

func (s *Store) messagesBefore(ctx context.Context, conversation uuid.UUID, before int64, limit int) ([]chat.Message, error) {
	rows, err := s.q.MessagesBefore(ctx, queries.MessagesBeforeParams{ConversationID: conversation, Before: before, Most: int32(limit)})
	if err != nil {
		return nil, failed(err)
	}
	messages := make([]chat.Message, 0, len(rows))
	for _, row := range slices.Backward(rows) {
		messages = append(messages, message(row))
	}
	return messages, nil
}

// messagesAround gives a permalink its page: the message itself with half a page on each side.
func (s *Store) messagesAround(ctx context.Context, conversation uuid.UUID, at int64, limit int) ([]chat.Message, bool, error) {
	later, newest, err := s.messagesAfter(ctx, conversation, at-1, (limit+1)/2)
	if err != nil || limit == len(later) {
		return later, newest, err
	}
	earlier, err := s.messagesBefore(ctx, conversation, at, limit-len(later))
	return append(earlier, later...), newest, err
}

func message(row queries.MessagesBeforeRow) chat.Message {
	return chat.Message{
		ID: row.ID, ConversationID: row.ConversationID, Seq: &row.Seq, LogOffset: row.LogOffset, ClientID: row.ClientID,
		Sender: chat.Person{ID: row.SenderID, Name: row.Name, Picture: row.Picture}, Body: row.Body, SentAt: chat.At(row.SentAt),
	}
}

// Known tells which messages are stored.
func (s *Store) Known(ctx context.Context, conversation uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	rows, err := s.q.KnownMessages(ctx, queries.KnownMessagesParams{ConversationIds: []uuid.UUID{conversation}, Ids: ids})
	known := make(map[uuid.UUID]bool, len(rows))
	for _, row := range rows {
		known[row.ID] = true
	}
	return known, failed(err)
}
