package chattest

import (
	"context"

	"github.com/google/uuid"
)

// Followed implements chat.Store.
func (s *Store) Followed(_ context.Context, people []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	followed := map[uuid.UUID][]uuid.UUID{}
	for _, t := range s.conversations {
		if t.group == nil || !t.group.channel {
			continue
		}
		for _, id := range people {
			if m := t.group.members[id]; m != nil && m.left == 0 {
				followed[id] = append(followed[id], t.id)
			}
		}
	}
	return followed, nil
}
