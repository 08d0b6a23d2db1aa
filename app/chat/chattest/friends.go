package chattest

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"parley/app/chat"
)

// pair is the key of two people, the lower id first.
func pair(a, b uuid.UUID) [2]uuid.UUID {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	return [2]uuid.UUID{a, b}
}

func (s *Store) friends(person uuid.UUID) (friends []chat.Person) {
	for _, p := range s.identities {
		if _, ok := s.friendships[pair(person, p.ID)]; ok && p.ID != person {
			friends = append(friends, p)
		}
	}
	return friends
}

// Friends implements chat.Store.
func (s *Store) Friends(_ context.Context, person uuid.UUID, page string, limit int) (chat.FriendPage, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.FriendPage{}, err
	}
	defer unlock()
	from, err := position(page)
	if err != nil {
		return chat.FriendPage{}, err
	}

	var all []chat.Friend
	for _, p := range s.friends(person) {
		f := chat.Friend{Person: p, Presence: chat.PresenceUnknown}
		if t := s.direct(person, p.ID); t != nil {
			f.ConversationID = &t.id
		}
		all = append(all, f)
	}

	slices.SortFunc(all, func(a, b chat.Friend) int {
		return strings.Compare(chat.Fold(a.Name), chat.Fold(b.Name))
	})
	part, next := paged(all, from, limit)
	return chat.FriendPage{Friends: part, Next: next}, nil
}

// FriendIDs implements chat.Store.
func (s *Store) FriendIDs(_ context.Context, person uuid.UUID) (ids []uuid.UUID, err error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	for _, p := range s.friends(person) {
		ids = append(ids, p.ID)
	}

	return ids, nil
}

// Unfriend implements chat.Store.
func (s *Store) Unfriend(_ context.Context, person, friend uuid.UUID) (chat.FriendshipEnd, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.FriendshipEnd{}, err
	}
	defer unlock()
	return s.endFriendship(person, friend), nil
}

// endFriendship removes the friendship of two people, if they are friends.
func (s *Store) endFriendship(one, other uuid.UUID) (p chat.FriendshipEnd) {
	if _, ok := s.friendships[pair(one, other)]; !ok {
		return p
	}

	delete(s.friendships, pair(one, other))
	p.Friends = true
	p.One, _ = s.person(one)
	p.Other, _ = s.person(other)
	if t := s.direct(one, other); t != nil {
		p.ConversationID = &t.id
		s.keepLastViews(t, one, other)
	}

	return p
}
