package store

import (
	"context"

	"parley/app/chat"
	"parley/db/queries"

	"github.com/google/uuid"
)

// Account finds or makes the account of an identity. Of two that make it at once one wins, and the other's user is rolled back.
func (s *Store) Account(ctx context.Context, who chat.Identity) (chat.Person, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	key := queries.AccountByIdentityParams{Provider: who.Provider, Subject: who.Subject}
	if row, err := s.q.AccountByIdentity(ctx, key); err == nil {
		return chat.Person{ID: row.ID, Name: row.Name}, nil
	} else if chat.KindOf(failed(err)) != chat.KindNotFound {
		return chat.Person{}, failed(err)
	}
	person := chat.Person{ID: chat.NewID(), Name: who.Name}
	err := s.tx(ctx, func(q *queries.Queries) error {
		user := queries.CreateUserParams{ID: person.ID, Name: person.Name, FoldedName: chat.FoldName(person.Name)}
		if err := q.CreateUser(ctx, user); err != nil {
			return err
		}
		made, err := q.CreateIdentity(ctx, queries.CreateIdentityParams{Provider: who.Provider, Subject: who.Subject, UserID: person.ID})
		if err == nil && made == 0 {
			return errTaken
		}
		return err
	})
	if err == errTaken {
		row, err := s.q.AccountByIdentity(ctx, key)
		return chat.Person{ID: row.ID, Name: row.Name}, failed(err)
	}
	return person, err
}

// errTaken rolls a transaction back in which somebody else was first.
var errTaken = &chat.Error{Kind: "taken", Detail: "somebody else was first"}

// CreateSession keeps a session under its token's hash.
func (s *Store) CreateSession(ctx context.Context, session chat.Session, tokenHash [32]byte) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return failed(s.q.CreateSession(ctx, queries.CreateSessionParams{
		ID: session.ID, TokenHash: tokenHash[:], UserID: session.Person.ID, Device: session.Device,
		CreatedAt: session.CreatedAt, ExpiresAt: session.ExpiresAt,
	}))
}

// Session finds a session by its token's hash.
func (s *Store) Session(ctx context.Context, tokenHash [32]byte) (chat.Session, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	row, err := s.q.SessionByToken(ctx, tokenHash[:])
	if err != nil {
		return chat.Session{}, failed(err)
	}
	return chat.Session{
		ID: row.ID, Person: chat.Person{ID: row.UserID, Name: row.Name}, Device: row.Device,
		CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt,
	}, nil
}

// DeleteSession ends a session.
func (s *Store) DeleteSession(ctx context.Context, id uuid.UUID) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return failed(s.q.DeleteSession(ctx, id))
}
