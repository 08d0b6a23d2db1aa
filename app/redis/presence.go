package redis

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
)

// PresenceOptions are the keys and intervals of presence.
type PresenceOptions struct {
	// KeyPrefix begins the keys in Redis.
	KeyPrefix string
	// HeartbeatInterval is the time between two renewals of a replica's lease.
	HeartbeatInterval time.Duration
	// LeaseDuration is the time without a renewal after which other replicas take over
	// the people of a replica.
	LeaseDuration time.Duration
	// OfflineDelay is how long people are still online after their last stream ended.
	OfflineDelay time.Duration
	// NotifyTimeout is how long the notification of a change may take before another
	// replica takes it over.
	NotifyTimeout time.Duration
	// BatchDelay is how long changes are collected for one call.
	BatchDelay time.Duration
}

// DefaultPresence returns the intervals of production.
func DefaultPresence() PresenceOptions {
	return PresenceOptions{
		KeyPrefix:         "presence",
		HeartbeatInterval: 2 * time.Second,
		LeaseDuration:     15 * time.Second,
		OfflineDelay:      10 * time.Second,
		NotifyTimeout:     30 * time.Second,
		BatchDelay:        20 * time.Millisecond,
	}
}

// PresenceHandler handles changes of presence (chat.People).
type PresenceHandler interface {
	// PresenceChanged notifies the friends of people who came online or went offline.
	// After an error it is called again for the same people, here or on another replica.
	PresenceChanged(ctx context.Context, people []uuid.UUID) error
}

// Presence implements chat.Presences: a registry in Redis of the people who have streams,
// on any replica. Each replica registers its own people under a lease, and takes over the
// people of replicas whose lease has expired. One goroutine writes in batches, so Arrive
// and Leave do not wait. Safe for concurrent use.
type Presence struct {
	Options PresenceOptions // may be changed before Run

	bus      *Bus
	logger   *slog.Logger
	replica  string
	notifier presenceNotifier
	stale    atomic.Bool // Redis may lack changes of this replica; then Online fails
	wake     chan struct{}

	mu         sync.Mutex // guards the fields below
	people     map[uuid.UUID]presenceState
	dirty      map[uuid.UUID]struct{} // people whose state has changed
	registered int64                  // how many of people are registered

	takeoverFrom time.Time // see delayTakeover; used by Run's goroutine only
}

// presenceState is whether a person has streams on this replica, and whether Redis has
// the person registered on it.
type presenceState struct{ connected, registered bool }

var _ chat.Presences = (*Presence)(nil)

// NewPresence returns the presence of a replica without people. Nothing is written before
// Run.
func NewPresence(bus *Bus, o PresenceOptions, logger *slog.Logger) *Presence {
	return &Presence{
		Options:  o,
		bus:      bus,
		logger:   logger,
		replica:  uuid.NewString(),
		notifier: presenceNotifier{wake: make(chan struct{}, 1), people: map[uuid.UUID]string{}},
		wake:     make(chan struct{}, 1),
		people:   map[uuid.UUID]presenceState{},
		dirty:    map[uuid.UUID]struct{}{},
	}
}

// Arrive reports a person's first stream on this replica.
func (p *Presence) Arrive(person uuid.UUID) { p.set(person, true) }

// Leave reports the end of a person's last stream on this replica.
func (p *Presence) Leave(person uuid.UUID) { p.set(person, false) }

func (p *Presence) set(person uuid.UUID, connected bool) {
	p.mu.Lock()
	s := p.people[person]
	s.connected = connected
	p.people[person] = s
	p.dirty[person] = struct{}{}
	p.mu.Unlock()
	signal(p.wake)
}

// Online implements chat.Presences: it returns who of the given people is online. While
// Redis is down, or lacks changes of this replica, the error is of kind Unavailable.
func (p *Presence) Online(ctx context.Context, people []uuid.UUID) (map[uuid.UUID]bool, error) {
	if p.bus.Down() || p.stale.Load() {
		return nil, chat.Unavailable("redis", errDown)
	}

	online := make(map[uuid.UUID]bool, len(people))
	if len(people) == 0 {
		return online, nil
	}

	ctx, cancel := p.bus.callContext(ctx)
	defer cancel()
	is, err := p.bus.client.SMIsMember(ctx, presenceKeysOf(p.Options.KeyPrefix).online, idStrings(people)...).Result()
	if err != nil {
		p.bus.recordError(err)
		return nil, chat.Unavailable("redis", err)
	}

	for i, person := range people {
		online[person] = is[i]
	}
	return online, nil
}

// Run maintains this replica's part of the registry until ctx ends, and passes changes to
// handler. Then it removes the replica, so that the others need not wait for the end of
// its lease. It returns nil.
func (p *Presence) Run(ctx context.Context, handler PresenceHandler) error {
	var notifying sync.WaitGroup
	notifying.Go(func() { p.notifier.run(ctx, p, handler) })
	p.maintain(ctx)
	notifying.Wait()
	p.release(context.WithoutCancel(ctx))
	return nil
}

// runScript executes a script with the people of the given replica.
func (p *Presence) runScript(ctx context.Context, script *redis.Script, replica string, more ...any) *redis.Cmd {
	ctx, cancel := p.bus.callContext(ctx)
	defer cancel()
	o := p.Options
	args := append([]any{
		p.replica,
		o.LeaseDuration.Milliseconds(),
		o.OfflineDelay.Milliseconds(),
		o.NotifyTimeout.Milliseconds(),
	}, more...)
	return script.Run(ctx, p.bus.client, presenceKeysOf(o.KeyPrefix).list(replica), args...)
}

// failed records an error of Redis. It returns false, for callers that report success.
func (p *Presence) failed(err error) bool {
	p.bus.recordError(err)
	return false
}

func idStrings(ids []uuid.UUID) []any {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = id.String()
	}
	return list
}
