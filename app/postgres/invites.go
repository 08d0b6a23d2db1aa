package postgres

import (
	"context"
	"crypto/rand"
	"crypto/sha256"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// inviteKey is the name of the key that signs invite links.
const inviteKey = "invite links"

// InviteKey reads the key of invite links, which is made with its first use.
func (s *Store) InviteKey(ctx context.Context) (key []byte, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	err = s.tx(ctx, func(q *queries.Queries) error {
		key, err = secretKey(ctx, q, inviteKey)
		return err
	})
	return key, err
}

// secretKey returns a key of the installation, which is made with its first use.
func secretKey(ctx context.Context, q *queries.Queries, name string) ([]byte, error) {
	fresh := make([]byte, sha256.Size)
	rand.Read(fresh) // never fails (Go 1.24)
	if err := q.AddSecretKey(ctx, queries.AddSecretKeyParams{Name: name, Value: fresh}); err != nil {
		return nil, err
	}
	return q.SecretKey(ctx, name)
}

// InviteVersion reads the version of a person's invite links.
func (s *Store) InviteVersion(ctx context.Context, person uuid.UUID) (int32, error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	version, err := s.q.InviteVersion(ctx, person)
	return version, mapError(err)
}

// RenewInvite increments the version of a person's invite links.
func (s *Store) RenewInvite(ctx context.Context, person uuid.UUID) (version int32, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	err = s.tx(ctx, func(q *queries.Queries) error {
		version, err = q.RenewInvite(ctx, person)
		return err
	})
	return version, err
}

// CheckInvite reads whether a link works for a guest.
func (s *Store) CheckInvite(ctx context.Context, inviter, guest uuid.UUID, version int32) error {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	_, err := checkInvite(ctx, s.q, inviter, guest, version)
	return mapError(err)
}

// checkInvite returns InviteOver for a link that doesn't work for a guest, else whether
// the guest has blocked the inviter.
func checkInvite(
	ctx context.Context, q *queries.Queries, inviter, guest uuid.UUID, version int32,
) (blocked bool, err error) {
	blocked, err = q.CheckInvite(ctx, queries.CheckInviteParams{Inviter: inviter, Guest: guest, Version: version})
	if chat.KindOf(mapError(err)) == chat.KindNotFound {
		return false, chat.ErrInviteOver()
	}
	return blocked, err
}

// AcceptInvite makes two people friends by an invite link. It runs behind the locks of
// both people, because of their limits per day, and that of the two.
func (s *Store) AcceptInvite(ctx context.Context, a chat.InviteAcceptance) (o chat.RequestOutcome, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	if a.Inviter == a.Guest {
		return chat.RequestOutcome{}, errSamePerson()
	}

	low, high := pair(a.Inviter, a.Guest)
	err = s.tx(ctx, func(q *queries.Queries) error {
		for _, id := range []uuid.UUID{low, high} {
			if err := q.LockKey(ctx, "asker "+id.String()); err != nil {
				return err
			}
		}
		people, err := lockPair(ctx, q, low, high)
		if err != nil {
			return err
		}
		if len(people) < 2 {
			return chat.ErrInviteOver()
		}
		o, err = acceptInvite(ctx, q, a)
		return err
	})
	return o, err
}

func acceptInvite(ctx context.Context, q *queries.Queries, a chat.InviteAcceptance) (chat.RequestOutcome, error) {
	blocked, err := checkInvite(ctx, q, a.Inviter, a.Guest, a.Version)
	if err != nil {
		return chat.RequestOutcome{}, err
	}
	if blocked {
		return chat.RequestOutcome{}, chat.Invalid("person", "You have blocked this person. Unblock them first.")
	}

	r := chat.FriendRequest{ID: a.ID, Asker: a.Guest, Asked: a.Inviter, At: a.At, PerDay: a.PerDay}
	id, friends, err := currentRequest(ctx, q, r)
	none := chat.KindOf(mapError(err)) == chat.KindNotFound
	switch {
	case friends:
		low, high := pair(a.Inviter, a.Guest)
		conversation, _, err := openDirect(ctx, q, low, high)
		return chat.RequestOutcome{ConversationID: &conversation}, err
	case none:
		return requestAndAccept(ctx, q, r)
	case err != nil:
		return chat.RequestOutcome{}, err
	}

	o, err := requestOutcome(q.RequestByID(ctx, id))
	if err != nil {
		return o, err
	}
	return acceptRequest(ctx, q, o, a.At)
}

// requestAndAccept records a request of the guest's and accepts it, within the limits of
// both.
func requestAndAccept(ctx context.Context, q *queries.Queries, r chat.FriendRequest) (chat.RequestOutcome, error) {
	if r.PerDay > 0 {
		oldest, err := q.FriendLimitReached(ctx, queries.FriendLimitReachedParams{
			Person:  r.Asked,
			After:   r.At.Add(-requestLimitPeriod),
			Skipped: int32(r.PerDay) - 1,
		})
		if err == nil {
			return chat.RequestOutcome{}, chat.TooManyGuests(oldest.Add(requestLimitPeriod).Sub(r.At))
		}
		if chat.KindOf(mapError(err)) != chat.KindNotFound {
			return chat.RequestOutcome{}, err
		}
	}

	o, err := createRequest(ctx, q, r)
	if err != nil {
		return o, err
	}
	return acceptRequest(ctx, q, o, r.At)
}
