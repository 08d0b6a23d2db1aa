package postgres

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// SaveDraft keeps a draft, or takes it away.
func (s *Store) SaveDraft(ctx context.Context, person, conversation uuid.UUID, d chat.Draft) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	if d.Body == "" {
		return mapError(s.q.DeleteDraft(ctx, queries.DeleteDraftParams{UserID: person, ConversationID: conversation}))
	}
	return mapError(s.q.SaveDraft(ctx, queries.SaveDraftParams{UserID: person, ConversationID: conversation, ClientID: d.ClientID, Body: d.Body}))
}

// SentDraft takes the draft of a sent message away, for good.
func (s *Store) SentDraft(ctx context.Context, person, conversation, clientID uuid.UUID) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return mapError(s.q.SentDraft(ctx, queries.SentDraftParams{UserID: person, ConversationID: conversation, ClientID: clientID}))
}

// Drafts reads a person's drafts in these conversations.
func (s *Store) Drafts(ctx context.Context, person uuid.UUID, conversations []uuid.UUID) (map[uuid.UUID]chat.Draft, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	rows, err := s.q.Drafts(ctx, queries.DraftsParams{UserID: person, ConversationIds: conversations})
	if err != nil {
		return nil, mapError(err)
	}
	drafts := make(map[uuid.UUID]chat.Draft, len(rows))
	for _, row := range rows {
		drafts[row.ConversationID] = chat.Draft{ClientID: row.ClientID, Body: row.Body}
	}
	return drafts, nil
}
