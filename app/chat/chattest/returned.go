package chattest

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"parley/app/chat"
)

type returned struct {
	chat.Returned
	dismissed bool
}

// Return implements chat.Store.
func (s *Store) Return(_ context.Context, r chat.Returned) (chat.Audience, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.Audience{}, err
	}
	defer unlock()
	if s.Refuse != nil {
		return chat.Audience{}, s.Refuse
	}

	t := s.find(r.Message.ConversationID)
	if t == nil {
		return chat.Audience{}, nil
	}

	kept, known := s.returned[r.Message.ID]
	if s.deleted(r.Message.Sender.ID) || !t.has(r.Message.Sender.ID) ||
		known && *kept.Message.LogOffset >= *r.Message.LogOffset {
		return t.audience(), nil
	}

	s.returned[r.Message.ID] = returned{Returned: r}
	return t.audience(), nil
}

// deleted reports whether an account was deleted.
func (s *Store) deleted(person uuid.UUID) bool {
	for _, p := range s.identities {
		if p.ID == person {
			return false
		}
	}
	return true
}

// Returned implements chat.Store.
func (s *Store) Returned(_ context.Context, person, conversation uuid.UUID) ([]chat.Returned, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	return slices.DeleteFunc(
		s.unstored(person),
		func(r chat.Returned) bool { return r.Message.ConversationID != conversation },
	), nil
}

// unstored returns a person's returned messages that are not stored, in log order.
func (s *Store) unstored(person uuid.UUID) (list []chat.Returned) {
	for id, r := range s.returned {
		if r.Message.Sender.ID != person || r.dismissed {
			continue
		}
		t := s.find(r.Message.ConversationID)
		if !slices.ContainsFunc(t.messages, func(m chat.Message) bool { return m.ID == id }) {
			list = append(list, r.Returned)
		}
	}

	slices.SortFunc(
		list,
		func(a, b chat.Returned) int { return cmp.Compare(*a.Message.LogOffset, *b.Message.LogOffset) },
	)
	return list
}

// ReturnedIn implements chat.Store.
func (s *Store) ReturnedIn(
	_ context.Context,
	person uuid.UUID,
	conversations []uuid.UUID,
) (map[uuid.UUID]bool, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	in := map[uuid.UUID]bool{}
	for _, r := range s.unstored(person) {
		if slices.Contains(conversations, r.Message.ConversationID) {
			in[r.Message.ConversationID] = true
		}
	}

	return in, nil
}

// FilterReturned implements chat.Store.
func (s *Store) FilterReturned(_ context.Context, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	found := map[uuid.UUID]bool{}
	for _, id := range ids {
		if _, ok := s.returned[id]; ok {
			found[id] = true
		}
	}

	return found, nil
}

// DismissReturned implements chat.Store.
func (s *Store) DismissReturned(_ context.Context, person, id uuid.UUID) (uuid.UUID, error) {
	unlock, err := s.lock()
	if err != nil {
		return uuid.Nil, err
	}
	defer unlock()
	r, ok := s.returned[id]
	if !ok || r.Message.Sender.ID != person {
		return uuid.Nil, chat.ErrNotFound()
	}

	r.dismissed, r.Message.Body = true, ""
	s.returned[id] = r
	return r.Message.ConversationID, nil
}

// StoredAfterAll implements chat.Store.
func (s *Store) StoredAfterAll(_ context.Context, ids []uuid.UUID) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	for _, id := range ids {
		delete(s.returned, id)
	}

	return nil
}
