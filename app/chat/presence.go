package chat

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

// PresenceStore keeps when people were last here, and who shows it.
type PresenceStore interface {
	// Seen tells it of people; those whom the store doesn't know are missing from the answer.
	Seen(ctx context.Context, people []uuid.UUID) (map[uuid.UUID]Seen, error)
	// SetSeen notes that people were here until at. It never goes back, and keeps nothing of those who don't show it.
	SetSeen(ctx context.Context, people []uuid.UUID, at time.Time) error
}

// Seen is what the store knows of somebody's presence.
type Seen struct {
	Shared bool       // Settings.SharePresence
	At     *time.Time // nil: not known
}

// Presences knows who has a stream open, on whichever replica (Redis). A person stays online for a moment after their last stream has ended, so
// that a reload is no change; of a replica that is silent somebody else takes the people away. Changes are told to whoever runs the replica
// (Service.PresenceChanged).
type Presences interface {
	// Arrive says that a person has opened their first stream on this replica, Leave that the last one has ended. Neither waits.
	Arrive(person uuid.UUID)
	Leave(person uuid.UUID)
	// Online tells which of these people are online, or Unavailable when that can't be told. It is one call of at most 300 ms.
	Online(ctx context.Context, people []uuid.UUID) (map[uuid.UUID]bool, error)
}

// Presence is whether a friend has a stream open somewhere.
type Presence string

const (
	Online          Presence = "online"
	Offline         Presence = "offline"
	PresenceUnknown Presence = "unknown" // we can't tell just now
)

// Activity is somebody's presence as a viewer may see it. SeenAt is shown by the day only; nil: not known, or not shown.
type Activity struct {
	Presence Presence
	SeenAt   *time.Time
}

// activities tells of people, all of them friends of the viewer's. Those who don't show when they are active are offline to everybody, and don't
// learn it of others either.
func (s *Service) activities(ctx context.Context, viewer uuid.UUID, people []uuid.UUID) map[uuid.UUID]Activity {
	result := make(map[uuid.UUID]Activity, len(people))
	for _, p := range people {
		result[p] = Activity{Presence: PresenceUnknown}
	}
	if len(people) == 0 {
		return result
	}
	seen, err := s.store.Seen(ctx, append([]uuid.UUID{viewer}, people...))
	if err != nil || !seen[viewer].Shared {
		return result
	}
	online, err := s.presence.Online(ctx, people)
	if err != nil {
		return result
	}
	for _, p := range people {
		switch known := seen[p]; {
		case !known.Shared:
			result[p] = Activity{Presence: Offline}
		case online[p]:
			result[p] = Activity{Presence: Online}
		default:
			result[p] = Activity{Presence: Offline, SeenAt: known.At}
		}
	}
	return result
}

// addPresence fills in how active the others are in conversations where one may write, which are those of friends.
func (s *Service) addPresence(ctx context.Context, viewer uuid.UUID, list []Conversation) {
	var people []uuid.UUID
	others := func(each func(m *Member)) {
		for i := range list {
			for j := range list[i].Members {
				if m := &list[i].Members[j]; list[i].Writable && m.ID != viewer {
					each(m)
				}
			}
		}
	}
	others(func(m *Member) { people = append(people, m.ID) })
	active := s.activities(ctx, viewer, people)
	others(func(m *Member) { m.Presence, m.SeenAt = active[m.ID].Presence, active[m.ID].SeenAt })
}

// mostTold is how many friends a person may have for them to be told of each coming and going; to more, presence comes with the page.
const mostTold = 500

// PresenceChanged tells the friends who are online of people who came or went. An error means that it should be called again; told twice it does
// no harm, since it says what is true when it is called.
func (s *Service) PresenceChanged(ctx context.Context, people []uuid.UUID) error {
	const rounds = 3 // each of them needs somebody who came or went during the one before
	for range rounds {
		if len(people) == 0 {
			break
		}
		var err error
		if people, err = s.tellPresence(ctx, people); err != nil {
			return err
		}
	}
	return nil
}

// tellPresence answers who has come or gone while it told: of two replicas that tell of one person at once, the slower one may have been wrong,
// and finds out.
func (s *Service) tellPresence(ctx context.Context, people []uuid.UUID) (again []uuid.UUID, err error) {
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

// presentFriends finds who is to be told of each person: friends who are online and show themselves when they are active.
func (s *Service) presentFriends(ctx context.Context, people []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error) {
	friends := make(map[uuid.UUID][]uuid.UUID, len(people))
	once := map[uuid.UUID]bool{}
	for _, p := range people {
		ids, err := s.store.FriendIDs(ctx, p)
		if err != nil {
			return nil, err
		}
		if len(ids) > mostTold {
			continue
		}
		friends[p] = ids
		for _, id := range ids {
			once[id] = true
		}
	}
	online, err := s.presence.Online(ctx, keys(once))
	if err != nil {
		return nil, err
	}
	seen, err := s.store.Seen(ctx, keys(online))
	if err != nil {
		return nil, err
	}
	for p := range friends {
		friends[p] = slices.DeleteFunc(friends[p], func(id uuid.UUID) bool { return !online[id] || !seen[id].Shared })
	}
	return friends, nil
}

// SharePresenceChanged tells a person's friends after Settings.SharePresence was changed: from now on they are offline, or as they are.
func (s *Service) SharePresenceChanged(ctx context.Context, person uuid.UUID) error {
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

func keys(set map[uuid.UUID]bool) []uuid.UUID {
	ids := make([]uuid.UUID, 0, len(set))
	for id, in := range set {
		if in {
			ids = append(ids, id)
		}
	}
	return ids
}
