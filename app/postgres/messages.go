package postgres

import (
	"context"
	"math"
	"slices"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// Messages reads a page of what the viewer may read of a conversation, in ascending order.
// newest reports whether the page includes the last message.
func (s *Store) Messages(
	ctx context.Context, viewer, conversation uuid.UUID, r chat.Range,
) (page []chat.Message, newest bool, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	key := chat.MembershipKey{Conversation: conversation, Person: viewer}
	err = s.read(ctx, func(q *queries.Queries) (err error) {
		switch {
		case r.After != nil:
			page, newest, err = messagesAfter(ctx, q, key, *r.After, r.Limit)
		case r.At != nil:
			page, newest, err = messagesAround(ctx, q, key, *r.At, r.Limit)
		case r.Before != nil:
			newest = false
			page, err = messagesBefore(ctx, q, key, *r.Before, r.Limit)
		default:
			newest = true
			page, err = messagesBefore(ctx, q, key, math.MaxInt64, r.Limit)
		}
		return err
	})
	return page, newest && err == nil, err
}

// messagesAfter reads one row more than the page has, to know whether the page
// includes the last message.
func messagesAfter(
	ctx context.Context, q *queries.Queries, key chat.MembershipKey, after int64, limit int,
) ([]chat.Message, bool, error) {
	rows, err := q.MessagesAfter(ctx, queries.MessagesAfterParams{
		ConversationID: key.Conversation,
		Viewer:         key.Person,
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
	ctx context.Context, q *queries.Queries, key chat.MembershipKey, before int64, limit int,
) ([]chat.Message, error) {
	rows, err := q.MessagesBefore(ctx, queries.MessagesBeforeParams{
		ConversationID: key.Conversation,
		Viewer:         key.Person,
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
	ctx context.Context, q *queries.Queries, key chat.MembershipKey, at int64, limit int,
) ([]chat.Message, bool, error) {
	later, newest, err := messagesAfter(ctx, q, key, at-1, (limit+1)/2)
	if err != nil || limit == len(later) {
		return later, newest, err
	}
	earlier, err := messagesBefore(ctx, q, key, at, limit-len(later))
	return append(earlier, later...), newest, err
}

func message(row queries.SentMessage) chat.Message {
	m := chat.Message{
		ID:             row.ID,
		ConversationID: row.ConversationID,
		Seq:            &row.Seq,
		LogOffset:      row.LogOffset,
		ClientID:       row.ClientID,
		Sender:         chat.Person{ID: row.SenderID, Name: row.SenderName, Picture: row.SenderPicture},
		Body:           row.Body,
		SentAt:         chat.At(row.SentAt),
	}
	setKind(&m, row.Kind, row.Event, chat.Person{ID: row.PersonID, Name: row.PersonName})
	return m
}

// setKind sets what a message is. The text of a system message is its value.
func setKind(m *chat.Message, kind, event string, person chat.Person) {
	m.Kind = chat.MessageKind(kind)
	if m.Kind != chat.MessageSystem {
		return
	}

	m.System = &chat.SystemMessage{Event: chat.SystemEvent(event), Actor: m.Sender, Value: m.Body}
	m.Body = ""
	if person.ID != uuid.Nil {
		m.System.Person = &person
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
