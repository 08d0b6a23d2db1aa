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

// late are this replica's messages from the log that Redis missed: they stand in no tail, and what is stored directly would come before them. They are
// added when Redis answers again, and count as pending here until then. Past their bound the oldest are forgotten: the writer has had the most time for those.
type tailBacklog struct {
	mu       sync.Mutex
	messages []chat.Message // as they came
}

const (
	maxBacklog    = 1000
	backfillBatch = 50 // in one round trip, which has its deadline
)

func (l *tailBacklog) add(m chat.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.messages) >= maxBacklog {
		l.messages = slices.Delete(l.messages, 0, len(l.messages)-maxBacklog+1)
	}
	l.messages = append(l.messages, m)
}

// stored forgets those of a conversation that the answer of a store names.
func (l *tailBacklog) stored(batch []chat.StoredConversation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.messages) == 0 {
		return
	}
	for _, c := range batch {
		l.messages = slices.DeleteFunc(l.messages, func(m chat.Message) bool { return m.ConversationID == c.ConversationID && c.Seq(m.ID) != nil })
	}
}

func (l *tailBacklog) forget(ids map[uuid.UUID]bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.messages = slices.DeleteFunc(l.messages, func(m chat.Message) bool { return ids[m.ID] })
}

// all are by conversation.
func (l *tailBacklog) all() map[uuid.UUID][]chat.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	by := map[uuid.UUID][]chat.Message{}
	for _, m := range l.messages {
		by[m.ConversationID] = append(by[m.ConversationID], m)
	}
	return by
}

// among adds a conversation's to its tail, in log order.
func (l *tailBacklog) merge(tail []chat.Message, conversation uuid.UUID) []chat.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.messages) == 0 {
		return tail
	}
	for _, m := range l.messages {
		if m.ConversationID == conversation && !slices.ContainsFunc(tail, func(t chat.Message) bool { return t.ID == m.ID }) {
			tail = append(tail, m)
		}
	}
	slices.SortStableFunc(tail, func(a, b chat.Message) int { return cmp.Compare(*a.LogOffset, *b.LogOffset) })
	return tail
}

// addLate puts into the tails what Redis missed, then takes out again what is stored: while Redis was away the writer could leave no mark of it. In this order a
// message that is stored in between is taken out by one of the two. What can't be done now stays for the next time.
func (b *Bus) backfillTails(ctx context.Context) {
	for conversation, messages := range b.backlog.all() {
		for batch := range slices.Chunk(messages, backfillBatch) {
			if ctx.Err() != nil || !b.addBatch(ctx, conversation, batch) {
				return
			}
		}
	}
}

func (b *Bus) addBatch(ctx context.Context, conversation uuid.UUID, batch []chat.Message) bool {
	if !b.pipeline(ctx, nil, func(ctx context.Context, pipe redis.Pipeliner) {
		for _, m := range batch {
			if value, err := json.Marshal(m); err == nil { // it was encoded before
				addToTail.Eval(ctx, pipe, tailKeys(conversation), *m.LogOffset, value, int(tailLifetime.Seconds()))
			}
		}
	}) {
		return false
	}
	ids, added := make([]uuid.UUID, len(batch)), map[uuid.UUID]bool{}
	for i, m := range batch {
		ids[i], added[m.ID] = m.ID, true
	}
	if b.relay != nil {
		known, err := b.relay.Known(ctx, conversation, ids)
		if err != nil {
			return false
		}
		gone := chat.StoredConversation{ConversationID: conversation}
		for _, m := range batch {
			if known[m.ID] {
				gone.Offsets = append(gone.Offsets, *m.LogOffset)
			}
		}
		if !b.pipeline(ctx, nil, func(ctx context.Context, pipe redis.Pipeliner) { b.removeStored(ctx, pipe, gone) }) {
			return false
		}
	}
	b.backlog.forget(added)
	return true
}
