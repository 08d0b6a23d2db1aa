package chat

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/limit"
)

// maxNotifiedFriends is how many friends a person may have for their presence changes
// to be published. The friends of a person with more see presence when a page loads.
const maxNotifiedFriends = 500

// presenceRounds bounds the repetitions of PresenceChanged. Each further round needs a
// person who came or went during the one before.
const presenceRounds = 3

// PresenceChanged notifies the online friends of people who came or went. After an
// error it must be called again. A repeated call is safe, because it publishes the
// presence at the time of the call.
func (s *People) PresenceChanged(ctx context.Context, people []uuid.UUID) (err error) {
	for range presenceRounds {
		if len(people) == 0 {
			break
		}
		if people, err = s.publishPresence(ctx, people); err != nil {
			return err
		}
	}

	return nil
}

// publishPresence returns the people whose presence changed while it was published.
// When two replicas publish one person at the same time, the slower one may have
// published an old value, and finds out this way.
func (s *People) publishPresence(ctx context.Context, people []uuid.UUID) (again []uuid.UUID, err error) {
	seen, err := s.store.Seen(ctx, people)
	if err != nil {
		return nil, err
	}

	people = slices.DeleteFunc(slices.Clone(people), func(p uuid.UUID) bool { return !seen[p].Shared })
	friends, err := s.presentFriends(ctx, people)
	if err != nil {
		return nil, err
	}

	online, err := s.presence.Online(ctx, people)
	if err != nil {
		return nil, err
	}

	gone := slices.DeleteFunc(slices.Clone(people), func(p uuid.UUID) bool { return online[p] })
	at := s.now()
	if err := s.store.SetSeen(ctx, gone, at); err != nil {
		return nil, err
	}

	minute := at.UTC().Truncate(time.Minute).Format(time.RFC3339)

	for _, p := range people {
		e := PresenceEvent{Person: p, Presence: Online}
		if !online[p] {
			e.Presence, e.LastSeen = Offline, minute
		}
		s.bus.Publish(ctx, e, ToPeople(friends[p]...))
	}

	now, err := s.presence.Online(ctx, people)
	if err != nil {
		return nil, err
	}

	return slices.DeleteFunc(people, func(p uuid.UUID) bool { return now[p] == online[p] }), nil
}

// presentFriends returns, for each person, the friends to notify: those who are online
// and share their presence.
func (s *People) presentFriends(ctx context.Context, people []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) {
	friends := make(map[uuid.UUID][]uuid.UUID, len(people))
	all := map[uuid.UUID]bool{}
	for _, p := range people {
		ids, err := s.store.FriendIDs(ctx, p)
		if err != nil {
			return nil, err
		}
		if len(ids) > maxNotifiedFriends {
			continue
		}
		friends[p] = ids
		for _, id := range ids {
			all[id] = true
		}
	}

	online, err := s.presence.Online(ctx, members(all))
	if err != nil {
		return nil, err
	}

	seen, err := s.store.Seen(ctx, members(online))
	if err != nil {
		return nil, err
	}

	for p := range friends {
		friends[p] = slices.DeleteFunc(friends[p], func(id uuid.UUID) bool { return !online[id] || !seen[id].Shared })
	}

	return friends, nil
}

// presenceRate limits what a person's friends are told of changes of SharePresence, so that
// switching it costs them nothing. Of streams they are told twice in 10 s at most, because a
// person stays online for that time (Presences).
var presenceRate = limit.Rate{Burst: 1, PerSecond: 0.2}

// laterPresence has the people whose friends are told later, once of all changes until then.
type laterPresence struct {
	mu     sync.Mutex
	people map[uuid.UUID]struct{}
}

// add reports whether the person was not there yet.
func (l *laterPresence) add(person uuid.UUID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, known := l.people[person]
	l.people[person] = struct{}{}
	return !known
}

func (l *laterPresence) remove(person uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.people, person)
}

// SharePresenceChanged notifies a person's friends after the setting SharePresence
// was changed: the person is now offline to them, or as they are. It does so at most once
// in 5 s, of later changes when that time has passed. If the process ends before, the
// friends' next pages are right.
func (s *People) SharePresenceChanged(ctx context.Context, person uuid.UUID) error {
	err := s.presenceRate.Take(ctx, person)
	if exceeded := (*limit.Exceeded)(nil); errors.As(err, &exceeded) {
		if s.laterPresence.add(person) {
			time.AfterFunc(exceeded.RetryAfter, func() { s.publishLater(person) })
		}
		return nil
	}
	if err != nil {
		return err
	}
	return s.publishShared(ctx, person)
}

func (s *People) publishLater(person uuid.UUID) {
	ctx, cancel := context.WithTimeout(context.Background(), laterTimeout)
	defer cancel()
	s.laterPresence.remove(person)
	if err := s.SharePresenceChanged(ctx, person); err != nil {
		s.logger.Warn("changed presence setting not published", "error", err)
	}
}

const laterTimeout = 2 * time.Second

func (s *People) publishShared(ctx context.Context, person uuid.UUID) error {
	seen, err := s.store.Seen(ctx, []uuid.UUID{person})
	if err != nil {
		return err
	}

	if seen[person].Shared {
		return s.PresenceChanged(ctx, []uuid.UUID{person})
	}

	friends, err := s.presentFriends(ctx, []uuid.UUID{person})
	if err != nil {
		return err
	}

	s.bus.Publish(ctx, PresenceEvent{Person: person, Presence: Offline}, ToPeople(friends[person]...))
	return nil
}

// members returns the ids that are in a set.
func members(set map[uuid.UUID]bool) []uuid.UUID {
	ids := make([]uuid.UUID, 0, len(set))
	for id, in := range set {
		if in {
			ids = append(ids, id)
		}
	}
	return ids
}
