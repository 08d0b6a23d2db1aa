package postgres

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// Return stores a message that can't be stored as one, for its sender, and returns
// the audience of its conversation.
func (s *Store) Return(ctx context.Context, r chat.Returned) (chat.Audience, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	m := r.Message
	err := retryOnConflict(ctx, func() error {
		return s.q.ReturnMessage(ctx, queries.ReturnMessageParams{
			ID:             m.ID,
			SenderID:       m.Sender.ID,
			ConversationID: m.ConversationID,
			ClientID:       m.ClientID,
			LogOffset:      *m.LogOffset,
			Body:           m.Body,
			Reason:         r.Reason,
			SentAt:         m.SentAt.Time,
		})
	})
	if err != nil {
		return chat.Audience{}, mapError(err)
	}

	to, err := audienceOf(ctx, s.q, m.ConversationID)
	if errors.Is(err, chat.ErrContent) {
		return chat.Audience{}, nil // no such conversation
	}
	return to, mapError(err)
}

// Returned reads a person's returned messages in a conversation, in log order.
func (s *Store) Returned(ctx context.Context, person, conversation uuid.UUID) ([]chat.Returned, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	rows, err := s.q.Returned(ctx, queries.ReturnedParams{SenderID: person, ConversationID: conversation})
	if err != nil {
		return nil, mapError(err)
	}
	list := make([]chat.Returned, len(rows))
	for i, row := range rows {
		list[i] = chat.Returned{Reason: row.Reason, Message: chat.Message{
			ID:             row.ID,
			ConversationID: conversation,
			LogOffset:      &row.LogOffset,
			ClientID:       row.ClientID,
			Sender:         chat.Person{ID: person, Name: row.Name, Picture: row.Picture},
			Body:           row.Body,
			SentAt:         chat.At(row.SentAt),
			Kind:           chat.MessageText,
		}}
	}
	return list, nil
}

// ReturnedIn returns the set of those conversations in which Returned would find
// messages.
func (s *Store) ReturnedIn(
	ctx context.Context, person uuid.UUID, conversations []uuid.UUID,
) (map[uuid.UUID]bool, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	return setOf(s.q.ReturnedIn(ctx, queries.ReturnedInParams{SenderID: person, ConversationIds: conversations}))
}

// FilterReturned returns the set of those messages that were returned.
func (s *Store) FilterReturned(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	return setOf(s.q.FilterReturned(ctx, ids))
}

func setOf(ids []uuid.UUID, err error) (map[uuid.UUID]bool, error) {
	set := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set, mapError(err)
}

// DismissReturned deletes the text of a returned message and returns its
// conversation.
func (s *Store) DismissReturned(ctx context.Context, person, id uuid.UUID) (uuid.UUID, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	conversation, err := s.q.DismissReturned(ctx, queries.DismissReturnedParams{ID: id, SenderID: person})
	return conversation, mapError(err)
}

// StoredAfterAll deletes messages that were returned and then stored.
func (s *Store) StoredAfterAll(ctx context.Context, ids []uuid.UUID) error {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	return mapError(s.q.StoredAfterAll(ctx, ids))
}
