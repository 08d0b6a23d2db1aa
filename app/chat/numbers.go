package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/expirable"
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
	checked *expirable.LRU[uuid.UUID, Numbers]
	reads   singleflight.Group // by conversation id
}

func newCheckedNumbers() *checkedNumbers {
	return &checkedNumbers{checked: expirable.NewLRU[uuid.UUID, Numbers](maxChecked, nil, checkedLifetime)}
}

// read returns the numbers of a conversation, whose LastSeq was read just now.
func (n *checkedNumbers) read(ctx context.Context, store DetailsStore, c Conversation) (Numbers, error) {
	ctx = context.WithoutCancel(ctx) // others may wait for this read
	result, err, _ := n.reads.Do(c.ID.String(), func() (any, error) {
		before, known := n.checked.Peek(c.ID)
		if known && before.Last > c.LastSeq { // messages are gone, as after a restore
			before = Numbers{}
		}

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
		} else if !known || numbers.Count != before.Count {
			n.checked.Add(c.ID, numbers)
		}
		return numbers, nil
	})
	numbers, _ := result.(Numbers)
	return numbers, err
}
