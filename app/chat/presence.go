package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// PresenceStore keeps when people were last seen, and who shares it.
type PresenceStore interface {
	// Seen returns the last sightings of people, without those that the store doesn't
	// know.
	Seen(ctx context.Context, people []uuid.UUID) (map[uuid.UUID]Seen, error)
	// SetSeen records that people were seen at a time. It never moves back, and keeps
	// nothing of people who don't share it.
	SetSeen(ctx context.Context, people []uuid.UUID, at time.Time) error
}

// Seen is a person's last sighting.
type Seen struct {
	Shared bool       // Settings.SharePresence
	At     *time.Time // nil: unknown
}

// Presences knows who has an open stream, on any replica (Redis). A person stays
// online for a moment after their last stream has ended, so that a reload is not a
// change. When a replica dies, another one removes its people. Changes are reported
// to People.PresenceChanged.
type Presences interface {
	// Arrive records that a person has opened their first stream on this replica, and
	// Leave that their last one has ended. Neither blocks.
	Arrive(person uuid.UUID)
	Leave(person uuid.UUID)
	// Online returns which of these people are online, in one call of at most 300 ms.
	// Errors: Unavailable.
	Online(ctx context.Context, people []uuid.UUID) (map[uuid.UUID]bool, error)
}

// Presence is whether a friend has an open stream.
type Presence string

// Presences of a friend.
const (
	Online          Presence = "online"  // an open stream
	Offline         Presence = "offline" // no open stream, or hidden
	PresenceUnknown Presence = "unknown" // a dependency is down, or the viewer hides theirs
)

// Activity is a person's presence as a viewer may see it.
type Activity struct {
	Presence Presence
	SeenAt   *time.Time // shown coarsely; nil: unknown or hidden
}

// Activities reads presence for a viewer (People).
type Activities interface {
	// Activities returns the activity of each of the people, all friends of the viewer.
	Activities(ctx context.Context, viewer uuid.UUID, people []uuid.UUID) map[uuid.UUID]Activity
}

var _ Activities = (*People)(nil)

// Activities returns the activity of each of the people, all friends of the viewer.
// Without a dependency it is unknown. People who hide their presence are offline for
// everybody, and everybody's presence is unknown to them.
func (s *People) Activities(ctx context.Context, viewer uuid.UUID, people []uuid.UUID) map[uuid.UUID]Activity {
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
