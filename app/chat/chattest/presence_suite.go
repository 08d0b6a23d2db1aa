package chattest

import (
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

func testSeen(t *testing.T, s chat.Store) {
	ada, bob := account(t, s, "Ada"), account(t, s, "Bob")
	people := []uuid.UUID{ada.ID, bob.ID, uuid.New()}
	now := time.Now().Truncate(time.Millisecond)
	for _, at := range []time.Time{now.Add(-time.Hour), now, now.Add(-time.Minute)} {
		if err := s.SetSeen(ctx, []uuid.UUID{ada.ID}, at); err != nil {
			t.Fatal(err)
		}
	}

	seen, err := s.Seen(ctx, people)
	if err != nil || len(seen) != 2 || !seen[ada.ID].Shared || !seen[bob.ID].Shared || seen[bob.ID].At != nil {
		t.Fatalf("seen %+v, %v", seen, err)
	}

	if at := seen[ada.ID].At; at == nil || !at.Equal(now) {
		t.Errorf("Ada was seen %v, want %v: it never goes back", at, now)
	}
}

// PresenceReplica is a replica that can die.
type PresenceReplica interface {
	chat.Presences
	Crash()
}

// TestPresence is what every chat.Presences must do; open gives replicas that share a
// registry. Somebody who has left is online for a moment (long enough to come back in a
// test, at most a few seconds), and changed is told who came or went, at least once.
func TestPresence(
	t *testing.T,
	open func(t *testing.T, replicas int, changed func(person uuid.UUID)) []PresenceReplica,
) {
	type world struct {
		replicas []PresenceReplica
		mu       sync.Mutex
		changes  map[uuid.UUID]int
	}

	start := func(t *testing.T, replicas int) *world {
		w := &world{changes: map[uuid.UUID]int{}}
		w.replicas = open(t, replicas, func(person uuid.UUID) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.changes[person]++
		})
		return w
	}

	told := func(w *world) map[uuid.UUID]int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return maps.Clone(w.changes)
	}

	is := func(t *testing.T, w *world, person uuid.UUID, online bool) {
		t.Helper()
		waits(t, func() bool {
			for _, r := range w.replicas {
				if got, err := r.Online(ctx, []uuid.UUID{uuid.New(), person}); err != nil || got[person] != online {
					return false
				}
			}

			return true
		})
	}

	t.Run("comes and goes", func(t *testing.T) {
		w, ada := start(t, 2), uuid.New()
		is(t, w, ada, false)
		w.replicas[0].Arrive(ada)
		is(t, w, ada, true)
		waits(t, func() bool { return told(w)[ada] == 1 })
		w.replicas[0].Leave(ada)
		is(t, w, ada, false)
		waits(t, func() bool { return told(w)[ada] == 2 })
	})
	t.Run("a reload is no change", func(t *testing.T) {
		w, ada, bob := start(t, 2), uuid.New(), uuid.New()
		w.replicas[0].Arrive(ada)
		is(t, w, ada, true)
		for i := range 20 { // here, and on the other replica
			w.replicas[i%2].Leave(ada)
			w.replicas[(i+i/2)%2].Arrive(ada)
			w.replicas[i%2].Arrive(ada)
		}

		w.replicas[1].Arrive(bob)
		is(t, w, bob, true)
		waits(t, func() bool { return told(w)[bob] > 0 })
		if n := told(w)[ada]; n != 1 {
			t.Errorf("a change was notified of %d times", n)
		}

		is(t, w, ada, true)
	})
	t.Run("on two replicas, one of them dies", func(t *testing.T) {
		w, ada, bob := start(t, 3), uuid.New(), uuid.New()
		w.replicas[0].Arrive(ada)
		w.replicas[1].Arrive(ada)
		w.replicas[0].Arrive(bob)
		is(t, w, ada, true)
		is(t, w, bob, true)
		w.replicas[0].Crash()
		w.replicas = w.replicas[1:]
		is(t, w, bob, false)
		is(t, w, ada, true)
		w.replicas[0].Leave(ada)
		is(t, w, ada, false)
		waits(t, func() bool { return told(w)[ada] == 2 && told(w)[bob] == 2 })
	})
	t.Run("many", func(t *testing.T) {
		w := start(t, 2)
		people := make([]uuid.UUID, 2000)
		for i := range people {
			people[i] = uuid.New()
			w.replicas[i%2].Arrive(people[i])
		}

		all := func(online bool) func() bool {
			return func() bool {
				got, err := w.replicas[0].Online(ctx, people)
				for _, p := range people {
					if err != nil || got[p] != online {
						return false
					}
				}
				return true
			}
		}

		waits(t, all(true))
		for i, p := range people {
			w.replicas[i%2].Leave(p)
		}

		waits(t, all(false))
	})
}

// waits for a condition.
func waits(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("did not happen")
		}
	}
}
