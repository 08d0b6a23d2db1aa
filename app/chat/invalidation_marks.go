package chat

import (
	"sync"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// maxMarks bounds the memory of invalidationMarks to about 25 MB.
const maxMarks = 200_000

// invalidationMarks knows which sessions, people and conversations have changed, and when,
// on a logical clock. A cached value has the clock from before it was read, and is valid
// unless an id that it names has a later mark. So an invalidation costs the same however
// much is cached, and does not touch values of others, or reads of them that are in
// progress. The access cache in Redis works in the same way. Safe for concurrent use.
type invalidationMarks struct {
	mu    sync.Mutex // guards the fields below
	clock uint64
	marks *simplelru.LRU[uuid.UUID, uint64] // id to the clock of its last change, oldest first
	floor uint64                            // the clock of the last mark that was dropped; older values are invalid
}

func newInvalidationMarks(size int) *invalidationMarks {
	m := &invalidationMarks{}
	m.marks, _ = simplelru.NewLRU(size, func(_ uuid.UUID, clock uint64) { m.floor = clock }) // fails only below 1
	return m
}

// now returns the clock. It is read before the value that it belongs to.
func (m *invalidationMarks) now() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.clock
}

// add marks an id as changed.
func (m *invalidationMarks) add(id uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clock++
	m.marks.Add(id, m.clock)
}

// changedSince reports whether one of the ids has changed since a clock.
func (m *invalidationMarks) changedSince(clock uint64, ids ...uuid.UUID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if clock == m.clock {
		return false
	}
	if clock < m.floor {
		return true
	}
	for _, id := range ids {
		if mark, ok := m.marks.Peek(id); ok && mark > clock {
			return true
		}
	}
	return false
}
