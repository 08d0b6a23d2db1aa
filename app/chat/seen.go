package chat

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
)

// seenInterval is how exactly SeenAt is known, and so how often at most it is written.
const seenInterval = time.Minute

// maxSeen bounds what waits to be written. Past it the oldest knowledge is kept: whoever is turned away is noted by a later request.
const maxSeen = 100_000

// seen remembers which sessions were used, off the requests' way. Safe for concurrent use.
type seen struct {
	mu      sync.Mutex
	waiting map[uuid.UUID]time.Time // to be written
	noted   map[uuid.UUID]time.Time // when a session was noted last; forgotten after seenInterval
}

func newSeen() *seen {
	return &seen{waiting: map[uuid.UUID]time.Time{}, noted: map[uuid.UUID]time.Time{}}
}

// note remembers that a session is used now, at most once in seenInterval. stored is when it was, as far as its cached row knows.
func (s *seen) note(id uuid.UUID, stored, now time.Time) {
	if now.Sub(stored) < seenInterval {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.noted[id]; ok && now.Sub(at) < seenInterval || len(s.noted) >= maxSeen || len(s.waiting) >= maxSeen {
		return
	}
	s.noted[id], s.waiting[id] = now, now
}

// take empties what waits, and forgets old notes.
func (s *seen) take(now time.Time) map[uuid.UUID]time.Time {
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

// giveBack puts back what could not be written; what was noted since is newer.
func (s *seen) giveBack(unwritten map[uuid.UUID]time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, at := range unwritten {
		if _, newer := s.waiting[id]; !newer && len(s.waiting) < maxSeen {
			s.waiting[id] = at
		}
	}
}

// seenBatch bounds one statement.
const seenBatch = 5000

// WriteSeen writes which sessions were used since it was called last, many in one statement. What fails is written by a later call.
func (s *Service) WriteSeen(ctx context.Context) error {
	waiting := s.seen.take(s.now())
	for len(waiting) > 0 {
		batch := make(map[uuid.UUID]time.Time, min(seenBatch, len(waiting)))
		for id, at := range waiting {
			if batch[id] = at; len(batch) == seenBatch {
				break
			}
		}
		if err := s.store.TouchSessions(ctx, batch); err != nil {
			s.seen.giveBack(waiting)
			return err
		}
		for id := range batch {
			delete(waiting, id)
		}
	}
	return nil
}
