package postgres

import (
	"context"
	"mime"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/db/queries"
)

// Export reads everything of a person except the conversations, in one snapshot.
func (s *Store) Export(ctx context.Context, person uuid.UUID, now time.Time) (chat.Export, error) {
	ctx, cancel := withLongTimeout(ctx)
	defer cancel()

	tx, err := s.breaker.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return chat.Export{}, mapError(err)
	}
	defer rollback(tx)

	e, q := chat.Export{}, queries.New(tx)
	for _, read := range []func(context.Context, *queries.Queries, uuid.UUID, *chat.Export) error{
		exportAccount,
		exportFriends,
		exportRequests,
		exportBlocks,
		exportDrafts,
		exportReturned,
	} {
		if err := read(ctx, q, person, &e); err != nil {
			return chat.Export{}, mapError(err)
		}
	}

	sessions, err := q.Sessions(ctx, queries.SessionsParams{Person: person, Now: now})
	e.Sessions = make([]chat.ExportedSession, len(sessions))
	for i, row := range sessions {
		e.Sessions[i] = chat.ExportedSession{
			ID:        row.ID,
			Device:    row.Device,
			CreatedAt: chat.At(row.CreatedAt),
			SeenAt:    chat.At(row.SeenAt),
			ExpiresAt: chat.At(row.ExpiresAt),
		}
	}
	return e, mapError(err)
}

func exportAccount(ctx context.Context, q *queries.Queries, person uuid.UUID, e *chat.Export) error {
	row, err := q.ExportAccount(ctx, person)
	if err != nil {
		return err
	}
	e.Account = chat.ExportedAccount{
		ID:        row.ID,
		Name:      row.Name,
		CreatedAt: chat.At(row.CreatedAt),
		Settings: chat.Settings{
			Theme:         row.Theme,
			TimeZone:      row.TimeZone,
			ShareRead:     row.ShareRead,
			SharePresence: row.SharePresence,
			ShareTyping:   row.ShareTyping,
		},
	}

	if len(row.Content) > 0 {
		e.Account.Content, e.Account.Picture = row.Content, "picture"
		if extensions, err := mime.ExtensionsByType(row.MediaType); err == nil && len(extensions) > 0 {
			e.Account.Picture += extensions[len(extensions)-1]
		}
	}

	identities, err := q.ExportIdentities(ctx, person)
	e.Account.Identities = make([]chat.ExportedIdentity, len(identities))
	for i, row := range identities {
		e.Account.Identities[i] = chat.ExportedIdentity(row)
	}
	return err
}

func exportFriends(ctx context.Context, q *queries.Queries, person uuid.UUID, e *chat.Export) error {
	rows, err := q.ExportFriends(ctx, person)
	e.Friends = make([]chat.ExportedPerson, len(rows))
	for i, row := range rows {
		e.Friends[i] = chat.ExportedPerson{ID: row.ID, Name: row.Name, Since: chat.At(row.Since)}
	}
	return err
}

func exportRequests(ctx context.Context, q *queries.Queries, person uuid.UUID, e *chat.Export) error {
	rows, err := q.ExportRequests(ctx, person)
	e.Requests = make([]chat.ExportedRequest, len(rows))
	for i, row := range rows {
		e.Requests[i] = chat.ExportedRequest{
			ID:        row.ID,
			Asker:     chat.Person{ID: row.AskerID, Name: row.AskerName},
			Asked:     chat.Person{ID: row.AskedID, Name: row.AskedName},
			State:     row.State,
			CreatedAt: chat.At(row.CreatedAt),
		}
		if row.AnsweredAt.Valid {
			answered := chat.At(row.AnsweredAt.Time)
			e.Requests[i].AnsweredAt = &answered
		}
	}
	return err
}

func exportBlocks(ctx context.Context, q *queries.Queries, person uuid.UUID, e *chat.Export) error {
	rows, err := q.ExportBlocks(ctx, person)
	e.Blocked = make([]chat.ExportedPerson, len(rows))
	for i, row := range rows {
		e.Blocked[i] = chat.ExportedPerson{ID: row.ID, Name: row.Name, Since: chat.At(row.CreatedAt)}
	}
	return err
}

func exportDrafts(ctx context.Context, q *queries.Queries, person uuid.UUID, e *chat.Export) error {
	rows, err := q.ExportDrafts(ctx, person)
	e.Drafts = make([]chat.ExportedDraft, len(rows))
	for i, row := range rows {
		e.Drafts[i] = chat.ExportedDraft{
			ConversationID: row.ConversationID,
			Body:           row.Body,
			UpdatedAt:      chat.At(row.UpdatedAt),
		}
	}
	return err
}

func exportReturned(ctx context.Context, q *queries.Queries, person uuid.UUID, e *chat.Export) error {
	rows, err := q.ExportReturned(ctx, person)
	e.Returned = make([]chat.ExportedReturn, len(rows))
	for i, row := range rows {
		e.Returned[i] = chat.ExportedReturn{
			ConversationID: row.ConversationID,
			Body:           row.Body,
			Reason:         row.Reason,
			SentAt:         chat.At(row.SentAt),
		}
	}
	return err
}

// ExportConversations reads up to limit of a person's conversations whose id is
// greater than after, in the order of their ids.
func (s *Store) ExportConversations(
	ctx context.Context, person, after uuid.UUID, limit int,
) ([]chat.ExportedConversation, error) {
	ctx, cancel := withLongTimeout(ctx)
	defer cancel()

	rows, err := s.q.ExportConversations(ctx, queries.ExportConversationsParams{
		Person:  person,
		After:   after,
		MaxRows: int32(limit),
	})
	if err != nil {
		return nil, mapError(err)
	}

	list := make([]chat.ExportedConversation, len(rows))
	ids := make([]uuid.UUID, len(rows))
	byID := make(map[uuid.UUID]*chat.ExportedConversation, len(rows))
	for i, row := range rows {
		list[i] = chat.ExportedConversation{
			ID:        row.ID,
			CreatedAt: chat.At(row.CreatedAt),
			Title:     row.Name, // of a group
			FromSeq:   row.FromSeq,
			LastSeq:   row.LastSeq,
			ReadSeq:   row.ReadSeq,
		}
		ids[i], byID[row.ID] = row.ID, &list[i]
	}

	members, err := s.q.MembersOf(ctx, queries.MembersOfParams{Viewer: person, Ids: ids})
	for _, row := range members {
		c := byID[row.ConversationID]
		c.Members = append(c.Members, chat.Person{ID: row.UserID, Name: row.Name})
		if row.UserID != person {
			c.Title = row.Name
		}
	}
	return list, mapError(err)
}
