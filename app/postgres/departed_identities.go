package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// departedKey is the name of the key under which identities of deleted accounts are
// kept, so that nobody without the database can tell whose they were.
const departedKey = "departed identities"

// keepIdentities remembers the identities of an account that is being deleted, if
// others have blocked it or it has asked somebody within a day: both must outlive a
// new sign-in. It also forgets what has become superfluous.
func keepIdentities(ctx context.Context, q *queries.Queries, person uuid.UUID) error {
	if err := q.ForgetSpentRequests(ctx); err != nil {
		return err
	}
	if err := q.ForgetDepartedIdentities(ctx); err != nil {
		return err
	}
	if outlives, err := q.Outlives(ctx, person); err != nil || !outlives {
		return err
	}

	identities, err := q.ExportIdentities(ctx, person)
	if err != nil {
		return err
	}
	for _, row := range identities {
		hash, err := identityHash(ctx, q, row.Provider, row.Subject)
		if err != nil {
			return err
		}
		err = q.KeepDepartedIdentity(ctx, queries.KeepDepartedIdentityParams{IdentityHash: hash, UserID: person})
		if err != nil {
			return err
		}
	}
	return nil
}

// restoreDeparted gives a new account what its identity's deleted account left: the
// blocks by others and the day's requests.
func restoreDeparted(ctx context.Context, q *queries.Queries, identity chat.Identity, successor uuid.UUID) error {
	hash, err := identityHash(ctx, q, identity.Provider, identity.Subject)
	if err != nil {
		return err
	}
	departed, err := q.TakeDepartedIdentity(ctx, hash)
	if chat.KindOf(mapError(err)) == chat.KindNotFound {
		return nil
	}
	if err != nil {
		return err
	}

	err = q.RestoreBlocks(ctx, queries.RestoreBlocksParams{Successor: successor, Departed: departed})
	if err != nil {
		return err
	}
	return q.RestoreSpentRequests(ctx, queries.RestoreSpentRequestsParams{Successor: successor, Departed: departed})
}

// identityHash returns the HMAC of an identity. The key is made with its first use.
func identityHash(ctx context.Context, q *queries.Queries, provider, subject string) ([]byte, error) {
	key, err := secretKey(ctx, q, departedKey)
	if err != nil {
		return nil, err
	}

	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(provider + "\x00" + subject)) // a NUL can be stored in neither
	return mac.Sum(nil), nil
}
