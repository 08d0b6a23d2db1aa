package chattest

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Numbers implements chat.Store.
func (s *Store) Numbers(_ context.Context, id uuid.UUID) (chat.Numbers, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.Numbers{}, err
	}
	defer unlock()
	n := chat.Numbers{Missing: []chat.Gap{}}
	t := s.find(id)
	if t == nil {
		return n, nil
	}

	for _, m := range t.messages {
		if *m.Seq > n.Last+1 {
			n.Missing = append(n.Missing, chat.Gap{From: n.Last + 1, To: *m.Seq - 1})
		}
		if n.Count++; n.First == 0 {
			n.First = *m.Seq
		}
		n.Last = *m.Seq
	}

	return n, nil
}
