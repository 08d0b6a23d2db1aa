package chattest

import (
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Bus is chat.Bus in memory. It records published events with their recipients. Down
// makes it unavailable, Full makes every tail full.
type Bus struct {
	Down bool
	Full bool

	mu          sync.Mutex
	tails       map[uuid.UUID][]chat.Message
	through     map[uuid.UUID]int64
	unannounced []chat.Message // announced while it was down
	Published   []Published
	Broadcasts  []chat.Event
}

// Published is an event and one of its recipients, a person or a conversation's channel.
type Published struct {
	Event chat.Event
	To    uuid.UUID
}

var _ chat.Bus = (*Bus)(nil)

// NewBus returns an empty bus.
func NewBus() *Bus {
	return &Bus{tails: map[uuid.UUID][]chat.Message{}, through: map[uuid.UUID]int64{}}
}

// Announce implements chat.Bus.
func (b *Bus) Announce(ctx context.Context, m chat.Message, to chat.Audience) {
	b.mu.Lock()
	pending := m.LogOffset != nil && m.Seq == nil
	stored, ok := b.through[m.ConversationID]
	if !b.Down && pending && (!ok || *m.LogOffset > stored) {
		tail := append(b.tails[m.ConversationID], m)
		slices.SortStableFunc(tail, func(x, y chat.Message) int { return int(*x.LogOffset - *y.LogOffset) })
		b.tails[m.ConversationID] = slices.CompactFunc(
			tail,
			func(x, y chat.Message) bool { return *x.LogOffset == *y.LogOffset && x.ID == y.ID },
		)
	}

	if b.Down && pending {
		b.unannounced = append(b.unannounced, m)
	}

	b.mu.Unlock()
	b.Publish(ctx, chat.MessageEvent{Message: m}, to)
}

// Stored implements chat.Bus.
func (b *Bus) Stored(ctx context.Context, batch []chat.StoredConversation) {
	for _, c := range batch {
		for _, e := range c.Events() {
			b.Publish(ctx, e, c.Audience)
		}
	}

	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range batch {
		if c.Through != nil {
			if old, ok := b.through[c.ConversationID]; !ok || old < *c.Through {
				b.through[c.ConversationID] = *c.Through
			}
		}
		b.tails[c.ConversationID] = slices.DeleteFunc(b.tails[c.ConversationID], func(m chat.Message) bool {
			return c.Through != nil && *m.LogOffset <= *c.Through || slices.Contains(c.Offsets, *m.LogOffset)
		})
	}
}

// Publish implements chat.Bus.
func (b *Bus) Publish(_ context.Context, e chat.Event, to chat.Audience) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Down {
		return
	}

	for _, person := range to.People {
		b.Published = append(b.Published, Published{e, person})
	}
	if to.Conversation != uuid.Nil {
		b.Published = append(b.Published, Published{e, to.Conversation})
	}
}

// Broadcast implements chat.Bus.
func (b *Bus) Broadcast(_ context.Context, e chat.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Broadcasts = append(b.Broadcasts, e)
}

// Pending implements chat.Bus.
func (b *Bus) Pending(_ context.Context, id uuid.UUID) ([]chat.Message, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Down {
		others := func(m chat.Message) bool { return m.ConversationID != id }
		err := chat.Unavailable("memory", context.DeadlineExceeded)
		return slices.DeleteFunc(slices.Clone(b.unannounced), others), err
	}
	return append([]chat.Message{}, b.tails[id]...), nil
}

// TailFull implements chat.Bus.
func (b *Bus) TailFull(context.Context, uuid.UUID) bool { return b.Full }
