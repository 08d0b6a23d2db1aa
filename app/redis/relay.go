package redis

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/loop"
)

// Relay carries events between replicas while Redis is down (postgres.Store).
type Relay interface {
	// Notify sends events to every replica. After an error the bus sends the same
	// events again.
	Notify(ctx context.Context, events []chat.RelayEvent) error
	// Known returns the messages of a conversation that are stored, of the given ones.
	Known(ctx context.Context, conversation uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]bool, error)
}

// noRelay drops all events.
type noRelay struct{}

func (noRelay) Notify(context.Context, []chat.RelayEvent) error { return nil }

func (noRelay) Known(context.Context, uuid.UUID, []uuid.UUID) (map[uuid.UUID]bool, error) {
	return nil, nil
}

const (
	// maxRelayEvents limits the memory of a relayQueue to a few MB.
	maxRelayEvents = 20_000
	// relayBatchDelay collects events for one NOTIFY, which costs as much for one event as for
	// fifty.
	relayBatchDelay = 20 * time.Millisecond
	// relayRetryDelay is the wait after a failed NOTIFY.
	relayRetryDelay = 500 * time.Millisecond
	// finalRelayTimeout limits the last NOTIFY of a replica that is stopping.
	finalRelayTimeout = time.Second
)

// relayQueue holds the events that Redis could not carry until the relay has accepted
// them. The stored ranges of one conversation are merged into one event. If the queue
// overflows, everyone is to resync instead. Safe for concurrent use.
type relayQueue struct {
	relay  Relay
	logger *slog.Logger
	wake   chan struct{}

	mu            sync.Mutex // guards the fields below
	conversations map[uuid.UUID]chat.RelayEvent
	events        []chat.RelayEvent // in the order of add
	overflow      bool
}

func newRelayQueue(relay Relay, logger *slog.Logger) *relayQueue {
	return &relayQueue{
		relay:         relay,
		logger:        logger,
		wake:          make(chan struct{}, 1),
		conversations: map[uuid.UUID]chat.RelayEvent{},
	}
}

func (q *relayQueue) add(events ...chat.RelayEvent) {
	q.mu.Lock()
	for _, e := range events {
		q.insert(e)
	}
	q.mu.Unlock()
	signal(q.wake)
}

func (q *relayQueue) insert(e chat.RelayEvent) {
	before, known := q.conversations[e.ConversationID]
	switch {
	case e.Event == nil && known:
		before.Seq = max(before.Seq, e.Seq)
		q.conversations[e.ConversationID] = before
	case len(q.conversations)+len(q.events) >= maxRelayEvents:
		q.overflow = true
	case e.Event == nil:
		q.conversations[e.ConversationID] = e
	default:
		q.events = append(q.events, e)
	}
}

// take empties the queue. Events precede stored ranges, because they may change what a
// page is permitted to fetch.
func (q *relayQueue) take() []chat.RelayEvent {
	q.mu.Lock()
	defer q.mu.Unlock()
	events := q.events
	for _, e := range q.conversations {
		events = append(events, e)
	}

	if q.overflow {
		events = append(events, chat.RelayEvent{Event: chat.ResyncEvent{}})
	}

	q.events, q.overflow = nil, false
	clear(q.conversations)
	return events
}

// requeue puts back events that the relay did not accept, before those added since.
func (q *relayQueue) requeue(events []chat.RelayEvent) {
	q.mu.Lock()
	defer q.mu.Unlock()
	since := q.events
	q.events = nil
	for _, e := range append(events, since...) {
		q.insert(e)
	}
}

// run sends events to the relay until ctx ends, and then once more.
func (q *relayQueue) run(ctx context.Context) {
	failing := false
	for {
		select {
		case <-q.wake:
		case <-ctx.Done():
			q.sendRest(context.WithoutCancel(ctx))
			return
		}

		delay := relayBatchDelay
		for events := q.takeAfter(ctx, delay); len(events) > 0; events = q.takeAfter(ctx, delay) {
			err := q.relay.Notify(ctx, events)
			if err != nil {
				q.requeue(events)
				delay = relayRetryDelay
			}
			if err != nil && !failing && ctx.Err() == nil {
				q.logger.Warn("relay failed, retrying", "events", len(events), "error", err)
			}
			failing = err != nil
		}
	}
}

// takeAfter empties the queue after a delay. It returns nil once ctx has ended.
func (q *relayQueue) takeAfter(ctx context.Context, delay time.Duration) []chat.RelayEvent {
	if !loop.Sleep(ctx, delay) {
		return nil
	}
	return q.take()
}

// sendRest sends the events in the queue without a retry. Pages that miss them fetch
// when they reconnect.
func (q *relayQueue) sendRest(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, finalRelayTimeout)
	defer cancel()
	if events := q.take(); len(events) > 0 {
		_ = q.relay.Notify(ctx, events)
	}
}

// signal wakes the goroutine that receives from c, if it is not about to run already.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
