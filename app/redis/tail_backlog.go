package redis

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"sync"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
)

const (
	// maxBacklog limits a tailBacklog, in messages.
	maxBacklog = 1000
	// backfillBatch is how many messages one round trip adds, so that it ends within callTimeout.
	backfillBatch = 50
)

// tailBacklog holds this replica's messages that are in the log but not in a tail,
// because Redis was down. Without them a later message that is stored directly would
// precede them. They count as pending on this replica and are added when Redis is back.
// If the backlog overflows, the oldest are dropped, because the writer has had the most
// time to store those. The zero value is ready to use. Safe for concurrent use.
type tailBacklog struct {
	mu       sync.Mutex
	messages []chat.Message // in the order of add
}

func (q *tailBacklog) add(m chat.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.messages) >= maxBacklog {
		q.messages = slices.Delete(q.messages, 0, len(q.messages)-maxBacklog+1)
	}
	q.messages = append(q.messages, m)
}

// stored drops messages that are now stored.
func (q *tailBacklog) stored(batch []chat.StoredConversation) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.messages) == 0 {
		return
	}

	for _, c := range batch {
		q.messages = slices.DeleteFunc(q.messages, func(m chat.Message) bool {
			return m.ConversationID == c.ConversationID && c.Seq(m.ID) != nil
		})
	}
}

func (q *tailBacklog) remove(ids map[uuid.UUID]bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.messages = slices.DeleteFunc(q.messages, func(m chat.Message) bool { return ids[m.ID] })
}

func (q *tailBacklog) byConversation() map[uuid.UUID][]chat.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	conversations := map[uuid.UUID][]chat.Message{}
	for _, m := range q.messages {
		conversations[m.ConversationID] = append(conversations[m.ConversationID], m)
	}
	return conversations
}

// merge adds a conversation's messages to its tail, in log order and without duplicates.
func (q *tailBacklog) merge(tail []chat.Message, conversation uuid.UUID) []chat.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.messages) == 0 {
		return tail
	}

	for _, m := range q.messages {
		inTail := func() bool {
			return slices.ContainsFunc(tail, func(t chat.Message) bool { return t.ID == m.ID })
		}
		if m.ConversationID == conversation && !inTail() {
			tail = append(tail, m)
		}
	}

	slices.SortStableFunc(tail, func(a, b chat.Message) int { return cmp.Compare(*a.LogOffset, *b.LogOffset) })
	return tail
}

// backfillTails adds the backlog to the tails. After an error the rest remains for the
// next call.
func (b *Bus) backfillTails(ctx context.Context) {
	for conversation, messages := range b.backlog.byConversation() {
		for batch := range slices.Chunk(messages, backfillBatch) {
			if ctx.Err() != nil || !b.backfill(ctx, conversation, batch) {
				return
			}
		}
	}
}

// backfill adds messages of one conversation to its tail, then removes those that are
// stored, because the writer could not move the stored mark while Redis was down. In this
// order, a message that is stored meanwhile is removed here or by the writer.
func (b *Bus) backfill(ctx context.Context, conversation uuid.UUID, batch []chat.Message) bool {
	added := b.pipeline(ctx, nil, func(ctx context.Context, pipe redis.Pipeliner) {
		for _, m := range batch {
			if value, err := json.Marshal(m); err == nil { // Announce has encoded it before
				lifetime := int(tailLifetime.Seconds())
				addToTail.Eval(ctx, pipe, tailKeys(conversation), *m.LogOffset, value, lifetime)
			}
		}
	})
	if !added {
		return false
	}

	ids := make([]uuid.UUID, len(batch))
	done := map[uuid.UUID]bool{}
	for i, m := range batch {
		ids[i], done[m.ID] = m.ID, true
	}

	known, err := b.relay.Known(ctx, conversation, ids)
	if err != nil {
		return false
	}

	stored := chat.StoredConversation{ConversationID: conversation}
	for _, m := range batch {
		if known[m.ID] {
			stored.Offsets = append(stored.Offsets, *m.LogOffset)
		}
	}

	removed := b.pipeline(ctx, nil, func(ctx context.Context, pipe redis.Pipeliner) {
		b.removeStored(ctx, pipe, stored)
	})
	if !removed {
		return false
	}

	b.backlog.remove(done)
	return true
}
