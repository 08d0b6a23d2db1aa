package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

// Bounds of the checked numbers that are kept. After checkedLifetime a conversation is
// read from its first message again.
const (
	maxChecked      = 1000
	checkedLifetime = 10 * time.Minute
)

// checkedNumbers reads the numbers of conversations. It keeps those without gaps, so
// that a further read costs only what is new, however long the conversation is.
// Concurrent reads of a conversation join. Safe for concurrent use.
type checkedNumbers struct {
	checked *lru.Cache[uuid.UUID, checkedEntry]
	reads   singleflight.Group // by conversation id
}

// checkedEntry is what a conversation's last read found, and when one began at its first
// message.
type checkedEntry struct {
	numbers Numbers
	since   time.Time
}

func newCheckedNumbers() *checkedNumbers {
	checked, err := lru.New[uuid.UUID, checkedEntry](maxChecked)
	if err != nil {
		panic(err) // only a size below 1 is an error
	}
	return &checkedNumbers{checked: checked}
}

// read returns the numbers of a conversation, whose LastSeq was read just now.
func (n *checkedNumbers) read(ctx context.Context, store DetailsStore, c Conversation) (Numbers, error) {
	ctx = context.WithoutCancel(ctx) // others may wait for this read
	result, err, _ := n.reads.Do(c.ID.String(), func() (any, error) {
		entry, _ := n.checked.Peek(c.ID)
		expired := time.Since(entry.since) > checkedLifetime
		if expired || entry.numbers.Last > c.LastSeq { // messages are gone, as after a restore
			entry = checkedEntry{since: time.Now()}
		}

		before := entry.numbers
		numbers, err := store.Numbers(ctx, c.ID, before.Last)
		if err != nil {
			return Numbers{}, err
		}
		if before.Count > 0 {
			numbers.First, numbers.Count = before.First, before.Count+numbers.Count
			numbers.Last = max(before.Last, numbers.Last)
		}

		if len(numbers.Missing) > 0 {
			n.checked.Remove(c.ID)
		} else {
			n.checked.Add(c.ID, checkedEntry{numbers, entry.since})
		}
		return numbers, nil
	})
	numbers, _ := result.(Numbers)
	return numbers, err
}
