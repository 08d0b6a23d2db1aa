package chat

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Limits of recording the use of sessions.
const (
	// seenInterval is the precision of Session.SeenAt, and so the shortest interval
	// between two writes of a session.
	seenInterval = time.Minute

	// maxSeen bounds the sessions that wait to be written. Above it new ones are
	// dropped; a later request of theirs is recorded.
	maxSeen = 100_000

	// seenBatch is how many sessions one statement writes.
	seenBatch = 5000
)

// seen collects which sessions were used, so that requests don't wait for the write.
// Safe for concurrent use.
type seen struct {
	mu      sync.Mutex
	waiting map[uuid.UUID]time.Time // to be written
	noted   map[uuid.UUID]time.Time // last note of a session; removed after seenInterval
}

func newSeen() *seen {
	return &seen{waiting: map[uuid.UUID]time.Time{}, noted: map[uuid.UUID]time.Time{}}
}

// note records that a session is used now, at most once per seenInterval. stored is
// the SeenAt of its cached row.
func (s *seen) note(id uuid.UUID, stored, now time.Time) {
	if now.Sub(stored) < seenInterval {
		return
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.noted[id]
	if ok && now.Sub(at) < seenInterval || len(s.noted) >= maxSeen || len(s.waiting) >= maxSeen {
		return
	}

	s.noted[id], s.waiting[id] = now, now
}

// drain returns and empties what waits, and removes old notes.
func (s *seen) drain(now time.Time) map[uuid.UUID]time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, at := range s.noted {
		if now.Sub(at) >= seenInterval {
			delete(s.noted, id)
		}
	}

	waiting := s.waiting
	s.waiting = map[uuid.UUID]time.Time{}
	return waiting
}

// restore puts unwritten sessions back, unless they were noted since.
func (s *seen) restore(unwritten map[uuid.UUID]time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, at := range unwritten {
		if _, newer := s.waiting[id]; !newer && len(s.waiting) < maxSeen {
			s.waiting[id] = at
		}
	}
}

// WriteSeen writes which sessions were used since the last call, many in one
// statement. The next call retries what failed.
func (s *Accounts) WriteSeen(ctx context.Context) error {
	waiting := s.seen.drain(s.now())
	for len(waiting) > 0 {
		batch := make(map[uuid.UUID]time.Time, min(seenBatch, len(waiting)))
		for id, at := range waiting {
			if batch[id] = at; len(batch) == seenBatch {
				break
			}
		}
		if err := s.store.TouchSessions(ctx, batch); err != nil {
			s.seen.restore(waiting)
			return err
		}
		for id := range batch {
			delete(waiting, id)
		}
	}

	return nil
}
