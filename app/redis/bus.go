package redis

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"parley/app/chat"
)

// Bus implements chat.Bus. While Redis is down its breaker is open: calls fail at
// once, and events use the relay. Safe for concurrent use.
type Bus struct {
	client   redis.UniversalClient
	channels channels
	batcher  batcher
	logger   *slog.Logger
	observer Observer

	down     atomic.Bool           // the breaker
	cause    atomic.Pointer[error] // that opened it last
	onDown   func(down bool)
	rejected atomic.Pointer[error] // of the last command that Redis rejected; see recordError
	suspect  chan struct{}         // makes watch try Redis now
	causes   logLimit

	subscribing   sync.Mutex // guards notSubscribed
	notSubscribed map[int]error

	resyncs    resyncQueue
	backlog    tailBacklog
	relay      Relay
	relayQueue *relayQueue
	fullTails  sync.Map // conversations whose tail was at its limit when last seen
}

var _ chat.Bus = (*Bus)(nil)

// BusOptions are optional dependencies of a bus. Each has a default that does nothing.
type BusOptions struct {
	// Relay carries events while Redis is down.
	Relay Relay
	// Observer measures publications.
	Observer Observer
	// OnDown is called with true when Redis goes down and with false when it is back.
	OnDown func(down bool)
}

// Observer measures publications. Its methods return at once and are safe for
// concurrent use.
type Observer interface {
	// Published reports an attempt to publish a message, which began at the given
	// time. ok is false when Redis was down.
	Published(m chat.Message, began time.Time, ok bool)
}

type noObserver struct{}

func (noObserver) Published(chat.Message, time.Time, bool) {}

var errDown = errors.New("redis is down")

// NewBus returns a bus on client, which the caller closes after Run has returned.
func NewBus(client redis.UniversalClient, logger *slog.Logger, o BusOptions) *Bus {
	if o.Relay == nil {
		o.Relay = noRelay{}
	}
	if o.Observer == nil {
		o.Observer = noObserver{}
	}
	if o.OnDown == nil {
		o.OnDown = func(bool) {}
	}

	b := &Bus{
		client:     client,
		channels:   channelsOf(client),
		logger:     logger,
		observer:   o.Observer,
		onDown:     o.OnDown,
		suspect:    make(chan struct{}, 1),
		resyncs:    resyncQueue{channels: map[chat.Channel]struct{}{}},
		relay:      o.Relay,
		relayQueue: newRelayQueue(o.Relay, logger),

		notSubscribed: map[int]error{},
	}
	b.batcher.exec = b.execBatch
	return b
}

// Run opens and closes the breaker (see watch), and sends relay events, until ctx ends.
// Then it tries once more to send the relay events in the queue. It returns nil.
func (b *Bus) Run(ctx context.Context) error {
	var tasks sync.WaitGroup
	tasks.Go(func() { b.watch(ctx) })
	tasks.Go(func() { b.relayQueue.run(ctx) })
	tasks.Wait()
	return nil
}

// callContext limits one call to callTimeout. The end of ctx does not cancel the call,
// because others need the event even if the client that caused it has disconnected.
func (b *Bus) callContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
}

// Announce implements chat.Bus: it adds the message to its conversation's tail and
// publishes it, in one round trip. In a cluster the two are on different nodes, which
// have no common order. There the addition goes first, in a round trip of its own, so
// that everyone who receives the event finds the message in the tail.
func (b *Bus) Announce(ctx context.Context, m chat.Message, to chat.Audience) {
	value, err := json.Marshal(m)
	if err != nil {
		b.logger.ErrorContext(ctx, "message not encoded", "message", m.ID, "error", err)
		return
	}

	began := time.Now()
	pending := m.LogOffset != nil && m.Seq == nil
	var size *redis.Cmd // replies with the tail's size in bytes
	add := func(ctx context.Context, pipe redis.Scripter, run scriptRunner) {
		lifetime := int(tailLifetime.Seconds())
		size = run(addToTail, ctx, pipe, tailKeys(m.ConversationID), *m.LogOffset, value, lifetime)
	}

	if pending && b.channels.sharded {
		b.pipeline(ctx, []chat.Audience{to}, func(ctx context.Context, pipe redis.Pipeliner) {
			add(ctx, pipe, (*redis.Script).EvalSha)
		})
	}

	published := b.pipeline(ctx, []chat.Audience{to}, func(ctx context.Context, pipe redis.Pipeliner) {
		if pending && !b.channels.sharded {
			add(ctx, pipe, (*redis.Script).EvalSha)
		}
		b.publishTo(ctx, pipe, chat.EncodeMessageEvent(value, m.Trace), to)
	})

	b.observer.Published(m, began, published)
	if !pending {
		return
	}

	// A new Redis does not know the script by its hash. Eval sends the text, and Redis keeps it.
	if size != nil && isNoScript(size.Err()) {
		b.pipeline(ctx, []chat.Audience{to}, func(ctx context.Context, pipe redis.Pipeliner) {
			add(ctx, pipe, (*redis.Script).Eval)
		})
	}

	if size == nil || size.Err() != nil {
		b.backlog.add(m)
	} else if bytes, err := size.Int(); err == nil && bytes >= maxTailBytes {
		b.fullTails.Store(m.ConversationID, true)
	}
}

// scriptRunner is Script.Eval or Script.EvalSha. Script.Run, which falls back from one
// to the other, does not work in a pipeline.
type scriptRunner func(*redis.Script, context.Context, redis.Scripter, []string, ...any) *redis.Cmd

// Stored implements chat.Bus: it publishes the sequence numbers, then removes the
// messages from the tails.
func (b *Bus) Stored(ctx context.Context, batch []chat.StoredConversation) {
	b.backlog.stored(batch)
	audiences := make([]chat.Audience, len(batch))
	for i, c := range batch {
		audiences[i] = c.Audience
	}

	published := b.pipeline(ctx, audiences, func(ctx context.Context, pipe redis.Pipeliner) {
		for _, c := range batch {
			for _, e := range c.Events() {
				b.publish(ctx, pipe, e, c.Audience)
			}
		}
		for _, c := range batch {
			b.removeStored(ctx, pipe, c)
		}
	})
	if published {
		return
	}

	for _, c := range batch {
		b.relayQueue.add(c.RelayEvents()...)
	}
}

// Publish implements chat.Bus: it sends an event to the streams of an audience.
func (b *Bus) Publish(ctx context.Context, e chat.Event, to chat.Audience) {
	published := b.pipeline(ctx, []chat.Audience{to}, func(ctx context.Context, pipe redis.Pipeliner) {
		b.publish(ctx, pipe, e, to)
	})
	if !published && !to.Empty() {
		b.enqueueRelay(e, to)
	}
}

// Broadcast implements chat.Bus: it sends an event to every replica.
func (b *Bus) Broadcast(ctx context.Context, e chat.Event) {
	if !b.broadcast(ctx, e) {
		b.enqueueRelay(e, chat.Audience{})
	}
}

func (b *Bus) broadcast(ctx context.Context, e chat.Event) bool {
	return b.pipeline(ctx, nil, func(ctx context.Context, pipe redis.Pipeliner) {
		if payload, err := chat.EncodeEvent(e); err == nil {
			b.channels.publish(ctx, pipe, b.channels.broadcast(0), payload)
		}
	})
}

func (b *Bus) enqueueRelay(e chat.Event, to chat.Audience) {
	if relayed, ok := chat.RelayEventOf(e, to); ok {
		b.relayQueue.add(relayed)
	}
}

func (b *Bus) publish(ctx context.Context, pipe redis.Pipeliner, e chat.Event, to chat.Audience) {
	payload, err := chat.EncodeEvent(e)
	if err != nil {
		b.logger.ErrorContext(ctx, "event not encoded", "kind", e.Kind(), "error", err)
		return
	}
	b.publishTo(ctx, pipe, payload, to)
}

func (b *Bus) publishTo(ctx context.Context, pipe redis.Pipeliner, payload []byte, to chat.Audience) {
	for _, channel := range to.Channels() {
		b.channels.publish(ctx, pipe, b.channels.of(channel), payload)
	}
}

// pipeline runs commands in a round trip that concurrent calls share (see batcher). If
// that fails, or the breaker is open, it puts the affected audiences into the resync queue
// and returns false. A missing script is not a failure, because Announce sends it again.
func (b *Bus) pipeline(
	ctx context.Context, affected []chat.Audience, fill func(context.Context, redis.Pipeliner),
) bool {
	if !b.Down() {
		if err := b.batcher.run(ctx, fill); err == nil || isNoScript(err) {
			return true
		}
	}
	b.resyncs.add(affected...)
	return false
}
