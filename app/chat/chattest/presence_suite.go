package chattest

import (
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/wait"
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
		t.Fatalf("got %+v, %v, want 2 people", seen, err)
	}

	if at := seen[ada.ID].At; at == nil || !at.Equal(now) {
		t.Errorf("last seen: got %v, want the latest time %v", at, now)
	}
}

// PresenceReplica is a replica that can crash.
type PresenceReplica interface {
	chat.Presences
	Crash()
}

// TestPresence is the conformance suite of chat.Presences. open returns replicas that
// share a registry. A person stays online for a moment after the last stream: long enough
// to reconnect in a test, at most a few seconds. changed is called at least once for each
// person who went online or offline.
func TestPresence(
	t *testing.T,
	open func(t *testing.T, replicas int, changed func(person uuid.UUID)) []PresenceReplica,
) {
	type cluster struct {
		replicas []PresenceReplica
		mu       sync.Mutex
		changes  map[uuid.UUID]int
	}

	start := func(t *testing.T, replicas int) *cluster {
		w := &cluster{changes: map[uuid.UUID]int{}}
		w.replicas = open(t, replicas, func(person uuid.UUID) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.changes[person]++
		})
		return w
	}

	changes := func(w *cluster) map[uuid.UUID]int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return maps.Clone(w.changes)
	}

	checkOnline := func(t *testing.T, w *cluster, person uuid.UUID, online bool) {
		t.Helper()
		wait.Until(t, "all replicas return the presence", func() bool {
			for _, r := range w.replicas {
				if got, err := r.Online(ctx, []uuid.UUID{uuid.New(), person}); err != nil || got[person] != online {
					return false
				}
			}

			return true
		})
	}

	t.Run("arrive and leave", func(t *testing.T) {
		w, ada := start(t, 2), uuid.New()
		checkOnline(t, w, ada, false)
		w.replicas[0].Arrive(ada)
		checkOnline(t, w, ada, true)
		wait.Until(t, "presence is published", func() bool { return changes(w)[ada] == 1 })
		w.replicas[0].Leave(ada)
		checkOnline(t, w, ada, false)
		wait.Until(t, "presence is published", func() bool { return changes(w)[ada] == 2 })
	})
	t.Run("reload is no change", func(t *testing.T) {
		w, ada, bob := start(t, 2), uuid.New(), uuid.New()
		w.replicas[0].Arrive(ada)
		checkOnline(t, w, ada, true)
		for i := range 20 { // on both replicas
			w.replicas[i%2].Leave(ada)
			w.replicas[(i+i/2)%2].Arrive(ada)
			w.replicas[i%2].Arrive(ada)
		}

		w.replicas[1].Arrive(bob)
		checkOnline(t, w, bob, true)
		wait.Until(t, "presence is published", func() bool { return changes(w)[bob] > 0 })
		if n := changes(w)[ada]; n != 1 {
			t.Errorf("got %d changes, want 1", n)
		}

		checkOnline(t, w, ada, true)
	})
	t.Run("crash of one of two replicas", func(t *testing.T) {
		w, ada, bob := start(t, 3), uuid.New(), uuid.New()
		w.replicas[0].Arrive(ada)
		w.replicas[1].Arrive(ada)
		w.replicas[0].Arrive(bob)
		checkOnline(t, w, ada, true)
		checkOnline(t, w, bob, true)
		w.replicas[0].Crash()
		w.replicas = w.replicas[1:]
		checkOnline(t, w, bob, false)
		checkOnline(t, w, ada, true)
		w.replicas[0].Leave(ada)
		checkOnline(t, w, ada, false)
		wait.Until(t, "presence is published", func() bool { return changes(w)[ada] == 2 && changes(w)[bob] == 2 })
	})
	t.Run("2,000 people", func(t *testing.T) {
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

		wait.Until(t, "everybody is online", all(true))
		for i, p := range people {
			w.replicas[i%2].Leave(p)
		}

		wait.Until(t, "everybody is offline", all(false))
	})
}
