package chat

import (
	"context"

	"github.com/google/uuid"
)

// FollowStore reads which channels people follow beside their own.
type FollowStore interface {
	// Followed returns the conversations with a channel of their own of which people are
	// present members. A person without one is missing from the result.
	Followed(ctx context.Context, people []uuid.UUID) (map[uuid.UUID][]uuid.UUID, error)
}
