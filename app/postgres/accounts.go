package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// Account finds or makes the account of an identity. Of two that make it at once one wins, and the other's user is rolled back.
func (s *Store) Account(ctx context.Context, who chat.Identity) (chat.Person, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	key := queries.AccountByIdentityParams{Provider: who.Provider, Subject: who.Subject}
	if row, err := s.q.AccountByIdentity(ctx, key); err == nil {
		return chat.Person{ID: row.ID, Name: row.Name, Picture: row.Picture}, nil
	} else if chat.KindOf(mapError(err)) != chat.KindNotFound {
		return chat.Person{}, mapError(err)
	}
	person := chat.Person{ID: chat.NewID(), Name: who.Name}
	err := s.tx(ctx, func(q *queries.Queries) error {
		user := queries.CreateUserParams{ID: person.ID, Name: person.Name, FoldedName: chat.FoldName(person.Name), Confirmed: who.Provider == chat.ProviderDev}
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
		return chat.Person{ID: row.ID, Name: row.Name, Picture: row.Picture}, mapError(err)
	}
	return person, err
}

// errTaken rolls a transaction back in which somebody else was first.
var errTaken = &chat.Error{Kind: "taken", Detail: "somebody else was first"}

// Rename gives a person another name, and confirms it.
func (s *Store) Rename(ctx context.Context, person uuid.UUID, name string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return some(s.q.RenameUser(ctx, queries.RenameUserParams{ID: person, Name: name, FoldedName: chat.FoldName(name)}))
}

// SpendSignIn keeps a secret as used, and lets those go that have expired: a day late, since clocks differ.
func (s *Store) SpendSignIn(ctx context.Context, secretHash [32]byte, until time.Time) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	fresh, err := s.q.SpendSignIn(ctx, queries.SpendSignInParams{SecretHash: secretHash[:], ExpiresAt: until})
	if err != nil {
		return mapError(err)
	}
	if fresh == 0 {
		return chat.ErrNotFound()
	}
	return mapError(s.q.ForgetSpentSignIns(ctx, until.Add(-24*time.Hour)))
}
