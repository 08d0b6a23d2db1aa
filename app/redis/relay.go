package redis

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Fallback is what the bus has beside Redis (store.Store).
type Relay interface {
	// Notify gives every replica hints. After an error the same ones may be given again.
	Notify(ctx context.Context, hints []chat.RelayEvent) error
	// Known tells which of a conversation's messages are stored.
	Known(ctx context.Context, conversation uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]bool, error)
}

// hints are what Redis couldn't carry, on their way to the fallback, which nobody waits for. Those of one conversation become one. What the
// fallback doesn't take is kept until it does; past the bound, pages are told to fetch whatever there is.
type relayQueue struct {
	to     Relay
	logger *slog.Logger
	wake   chan struct{}

	mu            sync.Mutex // guards the fields below
	conversations map[uuid.UUID]chat.RelayEvent
	events        []chat.RelayEvent // in their order
	overflow      bool
}

const (
	maxRelayEvents    = 20_000
	relayBatchDelay   = 20 * time.Millisecond // a NOTIFY for one costs as much as for fifty
	relayRetryDelay   = 500 * time.Millisecond
	finalRelayTimeout = time.Second // how long those of a replica that ends may take
)

func newRelayQueue(to Relay, logger *slog.Logger) *relayQueue {
	return &relayQueue{to: to, logger: logger, wake: make(chan struct{}, 1), conversations: map[uuid.UUID]chat.RelayEvent{}}
}

func (h *relayQueue) add(list ...chat.RelayEvent) {
	h.mu.Lock()
	for _, hint := range list {
		h.insert(hint)
	}
	h.mu.Unlock()
	signal(h.wake)
}

func (h *relayQueue) insert(hint chat.RelayEvent) {
	before, known := h.conversations[hint.ConversationID]
	switch {
	case hint.Event == nil && known:
		before.Seq = max(before.Seq, hint.Seq)
		h.conversations[hint.ConversationID] = before
	case len(h.conversations)+len(h.events) >= maxRelayEvents:
		h.overflow = true
	case hint.Event == nil:
		h.conversations[hint.ConversationID] = hint
	default:
		h.events = append(h.events, hint)
	}
}

// take empties it. Events come first: what a page may do is settled before it fetches.
func (h *relayQueue) take() []chat.RelayEvent {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.events
	for _, hint := range h.conversations {
		list = append(list, hint)
	}
	if h.overflow {
		list = append(list, chat.RelayEvent{Event: chat.ResyncEvent{}})
	}
	h.events, h.overflow = nil, false
	clear(h.conversations)
	return list
}

// giveBack keeps what wasn't taken, before what came since.
func (h *relayQueue) requeue(list []chat.RelayEvent) {
	h.mu.Lock()
	defer h.mu.Unlock()
	since := h.events
	h.events = nil
	for _, hint := range append(list, since...) {
		h.insert(hint)
	}
}

// run notifies until ctx ends, and then once more.
func (h *relayQueue) run(ctx context.Context) {
	failing := false
	for {
		select {
		case <-h.wake:
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), finalRelayTimeout)
			defer cancel()
			if list := h.take(); len(list) > 0 {
				_ = h.to.Notify(last, list) // pages that miss them look for themselves
			}
			return
		}
		pause := relayBatchDelay
		for list := h.takeAfter(ctx, pause); len(list) > 0; list = h.takeAfter(ctx, pause) {
			err := h.to.Notify(ctx, list)
			if err != nil {
				h.requeue(list)
				pause = relayRetryDelay
			}
			if err != nil && !failing && ctx.Err() == nil {
				h.logger.Warn("other replicas can't be told: trying again", "hints", len(list), "error", err)
			}
			failing = err != nil
		}
	}
}

// after takes what there is when a moment has passed; nothing once ctx has ended.
func (h *relayQueue) takeAfter(ctx context.Context, pause time.Duration) []chat.RelayEvent {
	select {
	case <-time.After(pause):
		return h.take()
	case <-ctx.Done():
		return nil
	}
}
