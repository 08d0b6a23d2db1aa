package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// BackdatePeople changes when people joined. Only package demo may call it.
func (s *Store) BackdatePeople(ctx context.Context, joined map[uuid.UUID]time.Time) error {
	ctx, cancel := withLongTimeout(ctx)
	defer cancel()
	var p queries.BackdateUsersParams
	for id, at := range joined {
		p.Ids, p.Times = append(p.Ids, id), append(p.Times, at)
	}
	return mapError(s.q.BackdateUsers(ctx, p))
}

// BackdateConversation changes when a conversation began. Only package demo may
// call it.
func (s *Store) BackdateConversation(ctx context.Context, id uuid.UUID, at time.Time) error {
	ctx, cancel := withLongTimeout(ctx)
	defer cancel()
	return mapError(s.q.BackdateConversation(ctx, queries.BackdateConversationParams{ID: id, At: at}))
}

// SeedDraft stores a draft unless there is one. Only package demo may call it.
func (s *Store) SeedDraft(ctx context.Context, person, conversation uuid.UUID, body string, at time.Time) error {
	ctx, cancel := withLongTimeout(ctx)
	defer cancel()

	return mapError(s.q.SeedDraft(ctx, queries.SeedDraftParams{
		Person:       person,
		Conversation: conversation,
		ClientID:     chat.NewID(),
		Body:         body,
		At:           at,
	}))
}

// CountPeopleExcept returns how many people there are beside those with one of the
// identities of provider. Only package demo may call it.
func (s *Store) CountPeopleExcept(ctx context.Context, provider string, subjects []string) (int64, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	n, err := s.q.CountPeopleExcept(ctx, queries.CountPeopleExceptParams{Provider: provider, Subjects: subjects})
	return n, mapError(err)
}
