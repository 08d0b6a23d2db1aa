package live

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// Names in Redis.
const (
	channelAll  = "parley:all" // every replica
	userChannel = "user:"
)

func channelOf(user uuid.UUID) string { return userChannel + user.String() }

func userOf(channel string) (uuid.UUID, bool) {
	s, ok := strings.CutPrefix(channel, userChannel)
	id, err := uuid.Parse(s)
	return id, ok && err == nil
}

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
