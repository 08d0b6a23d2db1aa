package redis

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
)

// Bus implements chat.Bus. Safe for concurrent use.
type Bus struct {
	client     redis.UniversalClient
	channels   channels
	logger     *slog.Logger
	down       atomic.Bool // the breaker
	resyncs    resyncQueue // channels that missed something
	backlog    tailBacklog // messages that their tails miss
	relay      Relay       // may be nil
	relayQueue *relayQueue // what goes another way; nil: nothing does
	fullTails  sync.Map    // conversations whose tail was seen at its bound
	stop       context.CancelFunc
	tasks      sync.WaitGroup
	onDown     func(down bool)
	batcher    batcher
	observer   Observer // nil: nobody's
}

// Watch hears how messages get to the streams. Its methods return at once, and are safe for concurrent use.
type Observer interface {
	// Published hears that Redis has a message, or (not ok) that it couldn't be told.
	Published(m chat.Message, began time.Time, ok bool)
}

// Observe has w hear of what is published. Not to be called once there is something.
func (b *Bus) Observe(w Observer) { b.observer = w }

var _ chat.Bus = (*Bus)(nil)

var errDown = errors.New("redis doesn't answer")

// NewBus starts the probe, which tells onMode when Redis goes and comes. fallback carries hints meanwhile; it and onMode may be nil.
func NewBus(client redis.UniversalClient, fallback Relay, logger *slog.Logger, onMode func(down bool)) *Bus {
	ctx, stop := context.WithCancel(context.Background())
	b := &Bus{client: client, channels: channelsOf(client), relay: fallback, logger: logger, stop: stop, onDown: onMode}
	b.batcher.exec = b.execBatch
	b.resyncs.init()
	b.tasks.Go(func() { b.recover(ctx) })
	if fallback != nil {
		b.relayQueue = newRelayQueue(fallback, logger)
		b.tasks.Go(func() { b.relayQueue.run(ctx) })
	}
	return b
}

// Close ends the probe, and gives hints that wait a last chance.
func (b *Bus) Close() {
	b.stop()
	b.tasks.Wait()
}

// Down tells that Redis doesn't answer.
func (b *Bus) Down() bool { return b.down.Load() }

func (b *Bus) callContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
}

// Announce adds the message to its tail and publishes it, in one round trip. A cluster has the two on different nodes, which know no order: there the
// tail comes first, so that whoever hears of the message finds it.
func (b *Bus) Announce(ctx context.Context, m chat.Message, members []uuid.UUID) {
	value, err := json.Marshal(m)
	if err != nil {
		b.logger.ErrorContext(ctx, "message not encoded", "message", m.ID, "error", err)
		return
	}
	began := time.Now()
	var size *redis.Cmd
	add := func(ctx context.Context, pipe redis.Scripter, run scriptRunner) {
		size = run(addToTail, ctx, pipe, tailKeys(m.ConversationID), *m.LogOffset, value, int(tailLifetime.Seconds()))
	}
	pending := m.LogOffset != nil && m.Seq == nil
	if pending && b.channels.sharded {
		b.pipeline(ctx, members, func(ctx context.Context, pipe redis.Pipeliner) { add(ctx, pipe, (*redis.Script).EvalSha) })
	}
	published := b.pipeline(ctx, members, func(ctx context.Context, pipe redis.Pipeliner) {
		if pending && !b.channels.sharded {
			add(ctx, pipe, (*redis.Script).EvalSha)
		}
		b.publishTo(ctx, pipe, chat.EncodeMessageEvent(value, m.Trace), members)
	})
	if b.observer != nil {
		b.observer.Published(m, began, published)
	}
	if !pending {
		return
	}
	if size != nil && redis.HasErrorPrefix(size.Err(), "NOSCRIPT") { // Redis is new: the whole script, which it then keeps
		b.pipeline(ctx, members, func(ctx context.Context, pipe redis.Pipeliner) { add(ctx, pipe, (*redis.Script).Eval) })
	}
	if size == nil || size.Err() != nil {
		b.backlog.add(m)
	} else if bytes, err := size.Int(); err == nil && bytes >= maxTailBytes {
		b.fullTails.Store(m.ConversationID, true)
	}
}

// scriptRunner is Eval or EvalSha. Inside a pipeline a script has no second try by itself.
type scriptRunner func(s *redis.Script, ctx context.Context, c redis.Scripter, keys []string, args ...any) *redis.Cmd

// Stored publishes the numbers, then takes the messages from the tails.
func (b *Bus) Stored(ctx context.Context, batch []chat.StoredConversation) {
	b.backlog.stored(batch)
	var people []uuid.UUID
	for _, c := range batch {
		people = append(people, c.Members...)
	}
	published := b.pipeline(ctx, people, func(ctx context.Context, pipe redis.Pipeliner) {
		for _, c := range batch {
			for _, e := range c.Events() {
				b.publish(ctx, pipe, e, c.Members)
			}
		}
		for _, c := range batch {
			b.removeStored(ctx, pipe, c)
		}
	})
	if published || b.relayQueue == nil {
		return
	}
	for _, c := range batch {
		b.relayQueue.add(c.RelayEvents()...)
	}
}

func (b *Bus) removeStored(ctx context.Context, pipe redis.Pipeliner, c chat.StoredConversation) {
	keys, life := tailKeys(c.ConversationID), int(tailLifetime.Seconds())
	if c.Through != nil {
		removeFromTail.Eval(ctx, pipe, keys, "-inf", *c.Through, life, "1")
	}
	for _, offset := range c.Offsets {
		removeFromTail.Eval(ctx, pipe, keys, offset, offset, life, "0")
	}
}

// Publish sends an event to people's streams.
func (b *Bus) Publish(ctx context.Context, e chat.Event, to []uuid.UUID) {
	if !b.pipeline(ctx, to, func(ctx context.Context, pipe redis.Pipeliner) { b.publish(ctx, pipe, e, to) }) && len(to) > 0 {
		b.enqueueRelay(e, to)
	}
}

// Broadcast sends an event to every replica.
func (b *Bus) Broadcast(ctx context.Context, e chat.Event) {
	if !b.pipeline(ctx, nil, func(ctx context.Context, pipe redis.Pipeliner) {
		if payload, err := chat.EncodeEvent(e); err == nil {
			b.channels.publish(ctx, pipe, b.channels.broadcast(0), payload)
		}
	}) {
		b.enqueueRelay(e, nil)
	}
}

func (b *Bus) enqueueRelay(e chat.Event, to []uuid.UUID) {
	if h, ok := chat.RelayEventOf(e, to); ok && b.relayQueue != nil {
		b.relayQueue.add(h)
	}
}

func (b *Bus) publish(ctx context.Context, pipe redis.Pipeliner, e chat.Event, to []uuid.UUID) {
	payload, err := chat.EncodeEvent(e)
	if err != nil {
		b.logger.ErrorContext(ctx, "event not encoded", "kind", e.Kind(), "error", err)
		return
	}
	b.publishTo(ctx, pipe, payload, to)
}

func (b *Bus) publishTo(ctx context.Context, pipe redis.Pipeliner, payload []byte, to []uuid.UUID) {
	for _, user := range to {
		b.channels.publish(ctx, pipe, b.channels.of(user), payload)
	}
}

// pipeline runs commands in one round trip, shared with others that came meanwhile. When that fails, or Redis is known to be away, those who would
// have been told are remembered, and the answer is false.
func (b *Bus) pipeline(ctx context.Context, concerned []uuid.UUID, fill func(context.Context, redis.Pipeliner)) bool {
	if !b.Down() {
		if err := b.batcher.run(ctx, fill); err == nil || redis.HasErrorPrefix(err, "NOSCRIPT") {
			return true
		}
	}
	b.resyncs.add(concerned)
	return false
}

// failed opens the breaker for an error that is Redis' silence, not its answer.
func (b *Bus) recordError(err error) {
	if !isUnavailable(err) {
		b.logger.Error("redis refused a command", "error", err)
		return
	}
	if b.down.CompareAndSwap(false, true) {
		b.logger.Warn("redis doesn't answer: news go as hints", "error", err)
		b.mode(true)
	}
}

func (b *Bus) mode(down bool) {
	if b.onDown != nil {
		b.onDown(down)
	}
}
