package chat

import (
	"context"
	"slices"

	"github.com/google/uuid"
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
	if err := s.store.SetSeen(ctx, gone, s.now()); err != nil {
		return nil, err
	}

	for _, p := range people {
		e := PresenceEvent{Person: p, Presence: Online}
		if !online[p] {
			e.Presence, e.LastSeen = Offline, "today"
		}
		s.bus.Publish(ctx, e, friends[p])
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

// SharePresenceChanged notifies a person's friends after the setting SharePresence
// was changed: the person is now offline to them, or as they are.
func (s *People) SharePresenceChanged(ctx context.Context, person uuid.UUID) error {
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

	s.bus.Publish(ctx, PresenceEvent{Person: person, Presence: Offline}, friends[person])
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
