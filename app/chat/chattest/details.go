package chattest

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Numbers implements chat.Store.
func (s *Store) Numbers(_ context.Context, id uuid.UUID, after int64) (chat.Numbers, error) {
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

	last := after
	for _, m := range t.messages {
		if *m.Seq <= after {
			continue
		}
		if *m.Seq > last+1 {
			n.Missing = append(n.Missing, chat.Gap{From: last + 1, To: *m.Seq - 1})
		}
		if n.Count++; n.First == 0 {
			n.First = *m.Seq
		}
		last, n.Last = *m.Seq, *m.Seq
	}

	return n, nil
}
