package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// errIdentityExists rolls back the creation of an account that another transaction
// has created first. It has a kind, so mapError returns it unchanged.
var errIdentityExists = &chat.Error{Kind: "taken", Detail: "the identity already has an account"}

// Account returns the account of an identity and creates it if there is none. Of
// two concurrent calls one creates it; the other rolls its user back and returns
// the same account.
func (s *Store) Account(ctx context.Context, identity chat.Identity) (chat.Person, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	person, err := s.accountOf(ctx, identity)
	if chat.KindOf(err) != chat.KindNotFound {
		return person, err
	}

	person = chat.Person{ID: chat.NewID(), Name: identity.Name}
	folded := chat.Fold(person.Name)
	err = s.tx(ctx, func(q *queries.Queries) error {
		err := q.CreateUser(ctx, queries.CreateUserParams{
			ID:         person.ID,
			Name:       person.Name,
			FoldedName: folded,
			NameGrams:  chat.NameGrams(folded),
			Confirmed:  identity.Provider == chat.ProviderDev,
		})
		if err != nil {
			return err
		}
		created, err := q.CreateIdentity(ctx, queries.CreateIdentityParams{
			Provider: identity.Provider,
			Subject:  identity.Subject,
			UserID:   person.ID,
		})
		if err == nil && created == 0 {
			return errIdentityExists
		}
		if err != nil {
			return err
		}
		return restoreDeparted(ctx, q, identity, person.ID)
	})
	if errors.Is(err, errIdentityExists) {
		return s.accountOf(ctx, identity)
	}
	return person, err
}

func (s *Store) accountOf(ctx context.Context, identity chat.Identity) (chat.Person, error) {
	row, err := s.q.AccountByIdentity(ctx, queries.AccountByIdentityParams{
		Provider: identity.Provider,
		Subject:  identity.Subject,
	})
	return chat.Person(row), mapError(err)
}

// Rename changes a person's name and confirms it.
func (s *Store) Rename(ctx context.Context, person uuid.UUID, name string) error {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	folded := chat.Fold(name)
	return requireRow(s.q.RenameUser(ctx, queries.RenameUserParams{
		ID:         person,
		Name:       name,
		FoldedName: folded,
		NameGrams:  chat.NameGrams(folded),
	}))
}

// SpendSignIn marks the secret of a sign-in as used, and returns NotFound if it
// already was. It also deletes secrets that expired more than a day ago; the day
// allows for clocks that differ.
func (s *Store) SpendSignIn(ctx context.Context, secretHash [32]byte, until time.Time) error {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	err := requireRow(s.q.SpendSignIn(ctx, queries.SpendSignInParams{SecretHash: secretHash[:], ExpiresAt: until}))
	if err != nil {
		return err
	}
	return mapError(s.q.ForgetSpentSignIns(ctx, until.Add(-24*time.Hour)))
}
