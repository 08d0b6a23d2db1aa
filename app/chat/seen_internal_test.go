package chat

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
)

// touchStore has the one method of a store that WriteSeen uses. It fails once, at
// batch failAt.
type touchStore struct {
	AccountsStore
	failAt  int
	batches int
	written map[uuid.UUID]time.Time
}

func (t *touchStore) TouchSessions(_ context.Context, seen map[uuid.UUID]time.Time) error {
	if t.batches++; t.batches == t.failAt {
		return errors.New("down")
	}
	for id, at := range seen {
		t.written[id] = at
	}
	return nil
}

// TestSeenIsWrittenInBatches: after a failure the unwritten sessions are kept, and newer
// times are not overwritten.
func TestSeenIsWrittenInBatches(t *testing.T) {
	begin := time.Unix(1_800_000_000, 0)
	store := &touchStore{failAt: 2, written: map[uuid.UUID]time.Time{}}
	s := &Accounts{store: store, seen: newSeen(), now: func() time.Time { return begin }}
	ids := make([]uuid.UUID, 2*seenBatch+1)
	for i := range ids {
		ids[i] = uuid.New()
		s.seen.note(ids[i], time.Time{}, begin)
	}

	if err := s.WriteSeen(context.Background()); err == nil || len(store.written) != seenBatch {
		t.Fatalf("got %d sessions written, %v, want %d and an error", len(store.written), err, seenBatch)
	}

	later := begin.Add(2 * time.Minute)
	s.now = func() time.Time { return later }
	s.seen.note(ids[0], begin, later)
	s.seen.restore(map[uuid.UUID]time.Time{ids[0]: begin})
	if err := s.WriteSeen(context.Background()); err != nil || len(store.written) != len(ids) ||
		store.written[ids[0]] != later {
		t.Errorf("got %d sessions written, the first at %v, %v", len(store.written), store.written[ids[0]], err)
	}
}
