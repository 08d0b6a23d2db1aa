package chat

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestMarksThatAreDroppedInvalidateWhatIsOlder(t *testing.T) {
	m := newInvalidationMarks(2)
	one, two, three, other := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	start := m.now()
	m.add(one)
	m.add(one)
	afterOne := m.now()
	if !m.changedSince(start, other, one) || m.changedSince(start, other) || m.changedSince(afterOne, one) {
		t.Error("a mark invalidates values of other ids, or of its own that are newer")
	}

	m.add(two)
	m.add(three) // drops the mark of one
	if !m.changedSince(start, other) {
		t.Error("a value is valid that is older than a mark that was dropped")
	}
	if m.changedSince(afterOne, one, other) || !m.changedSince(afterOne, two) {
		t.Error("a value is invalid that is newer than the marks that were dropped")
	}
}

// filled returns an Access whose caches are full: one session per person, and conversations of
// neighbours.
func filled() (a *Access, people []uuid.UUID) {
	a = NewAccess(AccessDeps{Cache: noCache{}, Bus: noBus{}, Now: time.Now})
	people = make([]uuid.UUID, maxCached)
	for i := range people {
		people[i] = uuid.New()
	}
	for i, id := range people {
		s := Session{ID: uuid.New(), Person: Person{ID: id}, Confirmed: true}
		a.sessions.keep(s.ID, cached[Session]{value: s, read: time.Now()})
		m := Membership{
			ConversationID: uuid.New(),
			Person:         MemberSettings{Person: Person{ID: id}},
			Peer:           &MemberSettings{Person: Person{ID: people[(i+1)%len(people)]}},
		}
		a.memberships.keep(m.Key(), cached[Membership]{value: m, read: time.Now()})
	}
	return a, people
}

type noCache struct{ AccessCache }

func (noCache) Clock(context.Context) (int64, bool)        { return 0, false }
func (noCache) Forget(context.Context, ...uuid.UUID)       {}
func (noCache) PutSession(context.Context, Session, int64) {}

type noBus struct{}

func (noBus) Broadcast(context.Context, Event) {}

// TestInvalidationCostsNothingThatGrows counts entries, not time: a change of one person leaves
// full caches untouched, and makes that person's entries invalid.
func TestInvalidationCostsNothingThatGrows(t *testing.T) {
	a, people := filled()
	allocated := testing.AllocsPerRun(1000, func() { a.Invalidate(InvalidateEvent{Person: &people[7]}) })
	if allocated > 1 {
		t.Errorf("an invalidation allocates %v times, want at most 1", allocated)
	}
	if a.sessions.local.Len() != maxCached || a.memberships.local.Len() != maxCached {
		t.Errorf("%d sessions and %d memberships are left", a.sessions.local.Len(), a.memberships.local.Len())
	}

	sessions, memberships := 0, 0
	for _, entry := range a.sessions.local.Values() {
		if !a.sessions.valid(entry) {
			sessions++
		}
	}
	for _, entry := range a.memberships.local.Values() {
		if !a.memberships.valid(entry) {
			memberships++
		}
	}
	if sessions != 1 || memberships != 2 {
		t.Errorf("%d sessions and %d memberships are invalid, want 1 and 2", sessions, memberships)
	}
}

// TestAChangeKeepsReadsOfOthers invalidates Ada while the sessions of Ada and Bob are read.
func TestAChangeKeepsReadsOfOthers(t *testing.T) {
	a := NewAccess(AccessDeps{Cache: noCache{}, Bus: noBus{}, Now: time.Now})
	ada, bob := uuid.New(), uuid.New()
	for _, person := range []uuid.UUID{ada, bob} {
		id := uuid.New()
		read := func(context.Context) (Session, error) {
			a.Invalidate(InvalidateEvent{Person: &ada})
			return Session{ID: id, Person: Person{ID: person}, Confirmed: true}, nil
		}
		if _, err := a.sessions.readThrough(context.Background(), id, read); err != nil {
			t.Fatal(err)
		}
		if kept := a.sessions.local.Contains(id); kept != (person == bob) {
			t.Errorf("person %v (bob is %v): kept %t", person, bob, kept)
		}
	}
}

// BenchmarkInvalidatePerson is one change of a person beside full caches.
func BenchmarkInvalidatePerson(b *testing.B) {
	a, people := filled()
	b.ResetTimer()
	for i := range b.N {
		a.Invalidate(InvalidateEvent{Person: &people[i%100]})
	}
}
