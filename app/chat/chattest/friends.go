package chattest

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"parley/app/chat"
)

func (s *Store) Friends(_ context.Context, person uuid.UUID, page string, limit int) (chat.FriendPage, error) {
	leave, err := s.enter()
	if err != nil {
		return chat.FriendPage{}, err
	}
	defer leave()
	from, err := position(page)
	if err != nil {
		return chat.FriendPage{}, err
	}
	var all []chat.Friend
	for key, p := range s.identities {
		if key[0] != chat.ProviderDev || p.ID == person {
			continue
		}
		f := chat.Friend{Person: p, Presence: chat.PresenceUnknown}
		if t := s.direct(person, p.ID); t != nil {
			f.ConversationID = &t.id
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b chat.Friend) int { return strings.Compare(chat.FoldName(a.Name), chat.FoldName(b.Name)) })
	part, next := paged(all, from, limit)
	return chat.FriendPage{Friends: part, Next: next}, nil
}

func (s *Store) FriendIDs(_ context.Context, person uuid.UUID) (ids []uuid.UUID, err error) {
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	for key, p := range s.identities {
		if key[0] == chat.ProviderDev && p.ID != person {
			ids = append(ids, p.ID)
		}
	}
	return ids, nil
}
