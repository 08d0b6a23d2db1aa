package redis

import (
	"time"

	"github.com/google/uuid"
)

// tailKeys are a conversation's tail (sorted set), its size in bytes, and the offset up to which it is stored. The hash tag keeps them in
// one slot of a cluster.
func tailKeys(conversation uuid.UUID) []string {
	tag := "{" + conversation.String() + "}"
	return []string{"tail:" + tag, "tail-bytes:" + tag, "tail-stored:" + tag}
}

// Bounds of a tail, and how long Redis keeps one that nobody touches: longer than any outage of the store that is not a disaster.
const (
	maxTailBytes = 8 << 20
	tailLifetime = 14 * 24 * time.Hour
)
