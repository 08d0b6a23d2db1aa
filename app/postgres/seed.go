package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// BackdatePeople lets people have joined earlier; for the seed.
func (s *Store) BackdatePeople(ctx context.Context, joined map[uuid.UUID]time.Time) error {
	ctx, cancel := patient(ctx)
	defer cancel()
	var p queries.BackdateUsersParams
	for id, at := range joined {
		p.Ids, p.Times = append(p.Ids, id), append(p.Times, at)
	}
	return mapError(s.q.BackdateUsers(ctx, p))
}

// BackdateConversation lets a conversation have begun earlier; for the seed.
func (s *Store) BackdateConversation(ctx context.Context, id uuid.UUID, at time.Time) error {
	ctx, cancel := patient(ctx)
	defer cancel()
	return mapError(s.q.BackdateConversation(ctx, queries.BackdateConversationParams{ID: id, At: at}))
}

// SeedDraft leaves a draft where there is none; for the seed.
func (s *Store) SeedDraft(ctx context.Context, person, conversation uuid.UUID, body string, at time.Time) error {
	ctx, cancel := patient(ctx)
	defer cancel()
	return mapError(s.q.SeedDraft(ctx, queries.SeedDraftParams{Person: person, Conversation: conversation, ClientID: chat.NewID(), Body: body, At: at}))
}
