package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// SaveDraft stores a draft, or deletes it if its text is empty. A draft whose
// message was sent, also while this runs, is not stored.
func (s *Store) SaveDraft(ctx context.Context, person, conversation uuid.UUID, d chat.Draft) error {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	if d.Body == "" {
		return mapError(s.q.DeleteDraft(ctx, queries.DeleteDraftParams{UserID: person, ConversationID: conversation}))
	}

	key := queries.IsSpentParams{UserID: person, ConversationID: conversation, ClientID: d.ClientID}
	if spent, err := s.q.IsSpent(ctx, key); err != nil || spent {
		return spentError(spent, err)
	}
	saved, err := s.q.SaveDraft(ctx, queries.SaveDraftParams{
		UserID:         person,
		ConversationID: conversation,
		ClientID:       d.ClientID,
		Body:           d.Body,
	})
	if err != nil || saved > 0 {
		return mapError(err)
	}
	return spentError(s.q.IsSpent(ctx, key)) // else the account was deleted
}

func spentError(spent bool, err error) error {
	if err == nil && spent {
		return chat.ErrSpent()
	}
	return mapError(err)
}

// SentDraft empties the draft of a sent message, so that a delayed SaveDraft of it
// is rejected.
func (s *Store) SentDraft(ctx context.Context, person, conversation, clientID uuid.UUID) error {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	return mapError(s.q.SentDraft(ctx, queries.SentDraftParams{
		UserID:         person,
		ConversationID: conversation,
		ClientID:       clientID,
	}))
}

// Drafts reads a person's drafts in conversations, by conversation.
func (s *Store) Drafts(
	ctx context.Context, person uuid.UUID, conversations []uuid.UUID,
) (map[uuid.UUID]chat.Draft, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	rows, err := s.q.Drafts(ctx, queries.DraftsParams{UserID: person, ConversationIds: conversations})
	if err != nil {
		return nil, mapError(err)
	}
	drafts := make(map[uuid.UUID]chat.Draft, len(rows))
	for _, row := range rows {
		drafts[row.ConversationID] = chat.Draft{ClientID: row.ClientID, Body: row.Body, SavedAt: row.UpdatedAt}
	}
	return drafts, nil
}
