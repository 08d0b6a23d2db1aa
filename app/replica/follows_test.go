package replica

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"parley/test/wait"
)

// groupsStore answers what is in followed, or err. Each query waits for answer if it is not nil.
type groupsStore struct {
	mu       sync.Mutex // guards the fields below
	followed map[uuid.UUID][]uuid.UUID
	err      error
	queries  [][]uuid.UUID
	answer   chan struct{}
}

func (s *groupsStore) Followed(_ context.Context, people []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) {
	s.mu.Lock()
	s.queries = append(s.queries, people)
	followed, err, answer := maps.Clone(s.followed), s.err, s.answer
	s.mu.Unlock()
	if answer != nil {
		<-answer
	}
	return followed, err
}

func (s *groupsStore) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *groupsStore) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queries)
}

// followLog is a hub that notes its calls.
type followLog struct {
	mu      sync.Mutex // guards the fields below
	follows map[uuid.UUID][]uuid.UUID
	calls   int
	later   map[uuid.UUID]int
}

func (l *followLog) Follow(person uuid.UUID, conversations []uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.follows[person] = conversations
	l.calls++
}

func (l *followLog) FollowLater(person uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.later[person]++
}

func (l *followLog) follow(person uuid.UUID, want ...uuid.UUID) func() bool {
	return func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		got, known := l.follows[person]
		return known && slices.Equal(got, want)
	}
}

func startFollows(t *testing.T, s *groupsStore) (*follows, *followLog) {
	t.Helper()
	log := &followLog{follows: map[uuid.UUID][]uuid.UUID{}, later: map[uuid.UUID]int{}}
	f := newFollows(s, slog.New(slog.DiscardHandler))
	f.hub = log
	go f.run(t.Context())
	return f, log
}

// TestManyArrivalsShareQueries: people who connect while a query runs are read by the next ones.
func TestManyArrivalsShareQueries(t *testing.T) {
	choir := uuid.New()
	s := &groupsStore{followed: map[uuid.UUID][]uuid.UUID{}, answer: make(chan struct{})}
	f, log := startFollows(t, s)
	first := uuid.New()
	f.Arrive(first)
	wait.Until(t, "a query runs", func() bool { return s.count() == 1 })

	var people []uuid.UUID
	for range 2*followBatch + 1 {
		people = append(people, uuid.New())
		f.Arrive(people[len(people)-1])
	}
	f.ReadAgain(people...)
	f.ReadAgain(first)
	s.set(func() { s.followed[people[7]] = []uuid.UUID{choir} })
	close(s.answer)
	for _, id := range people {
		want := []uuid.UUID{}
		if id == people[7] {
			want = append(want, choir)
		}
		wait.Until(t, "everybody is read", log.follow(id, want...))
	}
	wait.Until(t, "the first one is read again", func() bool {
		log.mu.Lock()
		defer log.mu.Unlock()
		return log.calls == len(people)+2
	})
	if n := s.count(); n != 4 {
		t.Errorf("%d queries, want 1 and 3", n)
	}
}

// TestALaterReadingWins: a result that is older than a person's first stream is not used, and one
// that is older than a change is followed by another.
func TestALaterReadingWins(t *testing.T) {
	ada, choir, club := uuid.New(), uuid.New(), uuid.New()
	answer := make(chan struct{})
	s := &groupsStore{followed: map[uuid.UUID][]uuid.UUID{ada: {choir}}, answer: answer}
	f, log := startFollows(t, s)
	f.Arrive(ada)
	wait.Until(t, "a query runs", func() bool { return s.count() == 1 })
	f.Arrive(ada) // all streams have closed, and one has opened
	s.set(func() { s.followed[ada] = []uuid.UUID{club} })
	answer <- struct{}{}
	wait.Until(t, "a second query runs", func() bool { return s.count() == 2 })
	if log.calls != 0 {
		t.Error("an old result is used")
	}

	f.ReadAgain(ada)
	s.set(func() { s.followed[ada], s.answer = nil, nil })
	answer <- struct{}{}
	wait.Until(t, "the last result is used", func() bool {
		return log.follow(ada)() && s.count() == 3
	})
}

// TestReadingsAreRetried: people don't wait for the database, and are read when it is back.
func TestReadingsAreRetried(t *testing.T) {
	ada, bob, choir := uuid.New(), uuid.New(), uuid.New()
	s := &groupsStore{followed: map[uuid.UUID][]uuid.UUID{ada: {choir}}, err: errors.New("down")}
	f, log := startFollows(t, s)
	later := func(person uuid.UUID) func() bool {
		return func() bool {
			log.mu.Lock()
			defer log.mu.Unlock()
			return log.later[person] > 0
		}
	}
	f.Arrive(ada)
	wait.Until(t, "Ada's streams don't wait", later(ada))
	f.Arrive(bob)
	wait.Until(t, "Bob's streams don't wait", later(bob))
	s.set(func() { s.err = nil })
	wait.Until(t, "Ada follows", log.follow(ada, choir))
	wait.Until(t, "Bob is read", log.follow(bob))
}
