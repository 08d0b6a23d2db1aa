package chattest

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// InviteKey implements chat.Store.
func (s *Store) InviteKey(context.Context) ([]byte, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	return []byte("the key of a store in memory"), nil
}

// InviteVersion implements chat.Store.
func (s *Store) InviteVersion(_ context.Context, person uuid.UUID) (int32, error) {
	return s.changeInvite(person, 0)
}

// RenewInvite implements chat.Store.
func (s *Store) RenewInvite(_ context.Context, person uuid.UUID) (int32, error) {
	return s.changeInvite(person, 1)
}

func (s *Store) changeInvite(person uuid.UUID, by int32) (int32, error) {
	unlock, err := s.lock()
	if err != nil {
		return 0, err
	}
	defer unlock()
	if _, ok := s.person(person); !ok {
		return 0, chat.ErrNotFound()
	}
	s.inviteVersions[person] += by
	return s.inviteVersions[person], nil
}

// CheckInvite implements chat.Store.
func (s *Store) CheckInvite(_ context.Context, inviter, guest uuid.UUID, version int32) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	return s.checkInvite(inviter, guest, version)
}

func (s *Store) checkInvite(inviter, guest uuid.UUID, version int32) error {
	_, ok := s.person(inviter)
	if !ok || s.unconfirmed[inviter] || s.inviteVersions[inviter] != version || s.blocks[[2]uuid.UUID{inviter, guest}] {
		return chat.ErrInviteOver()
	}
	return nil
}

// AcceptInvite implements chat.Store.
func (s *Store) AcceptInvite(_ context.Context, a chat.InviteAcceptance) (chat.RequestOutcome, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.RequestOutcome{}, err
	}
	defer unlock()
	if a.Inviter == a.Guest {
		return chat.RequestOutcome{}, chat.Invalid("person", "It takes two.")
	}

	inviter, _ := s.person(a.Inviter)
	guest, ok := s.person(a.Guest)
	if err := s.checkInvite(a.Inviter, a.Guest, a.Version); err != nil || !ok {
		return chat.RequestOutcome{}, chat.ErrInviteOver()
	}
	if s.blocks[[2]uuid.UUID{a.Guest, a.Inviter}] {
		return chat.RequestOutcome{}, chat.Invalid("person", "blocked")
	}
	if _, friends := s.friendships[pair(a.Inviter, a.Guest)]; friends {
		t, _ := s.open(inviter, guest)
		return chat.RequestOutcome{ConversationID: &t.id}, nil
	}

	for _, r := range slices.Backward(s.requests) {
		if r.between(a.Inviter, a.Guest) && r.looksPending(a.At.Add(-chat.DeclineHiddenFor)) {
			return s.accept(r, a.At), nil
		}
	}

	ask := chat.FriendRequest{ID: a.ID, Asker: a.Guest, Asked: a.Inviter, At: a.At, PerDay: a.PerDay}
	if err := s.checkGuests(ask); err != nil {
		return chat.RequestOutcome{}, err
	}
	if err := s.checkDailyLimit(ask); err != nil {
		return chat.RequestOutcome{}, err
	}

	r := &request{RequestOutcome: chat.RequestOutcome{ID: a.ID, Asker: guest, Asked: inviter, CreatedAt: a.At}}
	s.requests = append(s.requests, r)
	return s.accept(r, a.At), nil
}

// checkGuests returns TooFast if the asked person has as many friends of the last 24 hours
// as the limit.
func (s *Store) checkGuests(a chat.FriendRequest) error {
	var today []time.Time
	for key, since := range s.friendships {
		if slices.Contains(key[:], a.Asked) && since.After(a.At.Add(-24*time.Hour)) {
			today = append(today, since)
		}
	}

	slices.SortFunc(today, time.Time.Compare)

	if a.PerDay == 0 || len(today) < a.PerDay {
		return nil
	}

	return chat.TooManyGuests(today[len(today)-a.PerDay].Add(24 * time.Hour).Sub(a.At))
}
