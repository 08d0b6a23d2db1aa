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

// PresenceOptions are the intervals of presence.
type PresenceOptions struct {
	KeyPrefix         string        // of the keys in Redis
	HeartbeatInterval time.Duration // how often a replica shows that it lives
	LeaseDuration     time.Duration // after how long without that the others take its people away
	OfflineDelay      time.Duration // how long somebody without a stream is still online
	NotifyTimeout     time.Duration // how long telling friends may take before another replica does it
	BatchDelay        time.Duration // how long arrivals are gathered for one call
}

// DefaultPresence are the intervals that people see.
func DefaultPresence() PresenceOptions {
	return PresenceOptions{
		KeyPrefix: "presence", HeartbeatInterval: 5 * time.Second, LeaseDuration: 15 * time.Second, OfflineDelay: 30 * time.Second, NotifyTimeout: 30 * time.Second,
		BatchDelay: 20 * time.Millisecond,
	}
}

// Watcher is told of changes (chat.Service). After an error it is told again, here or on another replica.
type PresenceHandler interface {
	PresenceChanged(ctx context.Context, people []uuid.UUID) error
}

// Presence implements chat.Presences: it keeps this replica's part of the roll, and takes over from replicas that have died. One goroutine writes all of
// it, gathering what happens meanwhile; nobody waits for it. Safe for concurrent use.
type Presence struct {
	Options PresenceOptions // may be changed before Run

	bus      *Bus
	logger   *slog.Logger
	replica  string
	notifier presenceNotifier
	stale    atomic.Bool // what Redis has of this replica may not be so; then nobody is told who is online
	wake     chan struct{}

	mu         sync.Mutex // guards the fields below
	people     map[uuid.UUID]presenceState
	dirty      map[uuid.UUID]struct{}
	registered int64 // how many of people are told

	takeoverFrom time.Time // keep's own: when this replica will have been heard without a break for as long as others may be silent
}

// standing is whether a person is here, and whether the roll has them here.
type presenceState struct{ connected, registered bool }

var _ chat.Presences = (*Presence)(nil)

// NewPresence makes this replica's part, empty. Run keeps it.
func NewPresence(bus *Bus, o PresenceOptions, logger *slog.Logger) *Presence {
	return &Presence{
		Options: o, bus: bus, logger: logger, replica: uuid.NewString(), notifier: presenceNotifier{wake: make(chan struct{}, 1)},
		wake: make(chan struct{}, 1), people: map[uuid.UUID]presenceState{}, dirty: map[uuid.UUID]struct{}{},
	}
}

// Arrive says that a person is here.
func (p *Presence) Arrive(person uuid.UUID) { p.set(person, true) }

// Leave says that they aren't any more.
func (p *Presence) Leave(person uuid.UUID) { p.set(person, false) }

func (p *Presence) set(person uuid.UUID, here bool) {
	p.mu.Lock()
	s := p.people[person]
	s.connected = here
	p.people[person] = s
	p.dirty[person] = struct{}{}
	p.mu.Unlock()
	signal(p.wake)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // somebody is on their way already
	}
}

// Online asks the roll.
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
	members := make([]any, len(people))
	for i, person := range people {
		members[i] = person.String()
	}
	is, err := p.bus.client.SMIsMember(ctx, rollKeys(p.Options.KeyPrefix)[2], members...).Result()
	if err != nil {
		p.bus.recordError(err)
		return nil, chat.Unavailable("redis", err)
	}
	for i, person := range people {
		online[person] = is[i]
	}
	return online, nil
}

// Run keeps the roll until ctx ends, then signs off, so that nobody has to find out.
func (p *Presence) Run(ctx context.Context, w PresenceHandler) {
	var telling sync.WaitGroup
	telling.Go(func() { p.notifier.run(ctx, p, w) })
	p.maintain(ctx)
	telling.Wait()
	p.release(context.WithoutCancel(ctx))
}

// keep writes what has changed as soon as it has, and a heartbeat beside. What fails makes all of it stale: it is written anew when Redis answers.
func (p *Presence) maintain(ctx context.Context) {
	next := time.Now() // the next heartbeat
	p.delayTakeover()
	for {
		wait := time.Until(next)
		if p.stale.Load() {
			wait = min(wait, probeInterval)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		case <-p.wake:
			select { // others come at the same time
			case <-ctx.Done():
				return
			case <-time.After(p.Options.BatchDelay):
			}
		}
		beats := !time.Now().Before(next)
		if beats {
			next = time.Now().Add(p.Options.HeartbeatInterval)
		}
		ok := !p.bus.Down() && (!p.stale.Load() || p.rewrite(ctx)) && p.flush(ctx) && (!beats || p.heartbeat(ctx))
		p.stale.Store(!ok)
		if !ok {
			p.delayTakeover()
		}
	}
}

func (p *Presence) delayTakeover() { p.takeoverFrom = time.Now().Add(p.Options.LeaseDuration) }

// Bounds of one call, so that it takes a few milliseconds of Redis.
const presenceBatch = 200

// flush tells the roll who came and went.
func (p *Presence) flush(ctx context.Context) bool {
	for {
		came, went := p.takeDirty(presenceBatch)
		if len(came)+len(went) == 0 {
			return true
		}
		if !p.write(ctx, arriveScript, came, true) || !p.write(ctx, leaveScript, went, false) {
			return false
		}
	}
}

// take takes people of whom the roll doesn't know what is so.
func (p *Presence) takeDirty(most int) (came, went []uuid.UUID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for person := range p.dirty {
		if len(came)+len(went) == most {
			break
		}
		delete(p.dirty, person)
		switch s := p.people[person]; {
		case s.connected && !s.registered:
			came = append(came, person)
		case !s.connected && s.registered:
			went = append(went, person)
		case !s.connected:
			delete(p.people, person)
		}
	}
	return came, went
}

func (p *Presence) write(ctx context.Context, script *redis.Script, people []uuid.UUID, here bool) bool {
	if len(people) == 0 {
		return true
	}
	args := make([]any, len(people))
	for i, person := range people {
		args[i] = person.String()
	}
	changed, err := p.run(ctx, script, p.replica, args...).StringSlice()
	if err != nil {
		return p.failed(err)
	}
	p.mu.Lock()
	for _, person := range people {
		s := p.people[person]
		s.registered = here
		if p.people[person] = s; !s.connected && !s.registered {
			delete(p.people, person)
		}
	}
	if n := int64(len(people)); here {
		p.registered += n
	} else {
		p.registered -= n
	}
	p.mu.Unlock()
	p.notifier.add(changed)
	return true
}

// run runs a script of the roll, of which people are those on the given replica.
func (p *Presence) run(ctx context.Context, script *redis.Script, replica string, more ...any) *redis.Cmd {
	ctx, cancel := p.bus.callContext(ctx)
	defer cancel()
	o := p.Options
	args := append([]any{p.replica, o.LeaseDuration.Milliseconds(), o.OfflineDelay.Milliseconds(), o.NotifyTimeout.Milliseconds()}, more...)
	return script.Run(ctx, p.bus.client, append(rollKeys(o.KeyPrefix), replicaPeopleKey(o.KeyPrefix, replica)), args...)
}

func (p *Presence) failed(err error) bool {
	p.bus.recordError(err)
	return false
}

// beat is the heartbeat, and what each replica does for all: to say who is offline by now, and to claim the people of those that are silent (but not
// when all have been, as after an outage: first each may come back). False means that the roll isn't as this replica left it: Redis is new, or it
// was itself silent for too long.
func (p *Presence) heartbeat(ctx context.Context) bool {
	for {
		settled, room := time.Now().After(p.takeoverFrom), 0
		if settled {
			room = p.notifier.capacity()
		}
		answer, err := p.run(ctx, heartbeatScript, p.replica, room).Slice()
		if err != nil {
			return p.failed(err)
		}
		known, _ := answer[0].(int64)
		found, _ := answer[1].(int64)
		if here := p.registeredCount(); found != here || known == 0 && here > 0 {
			p.logger.Info("presence is written anew", "here", here, "found", found)
			return false
		}
		if known == 0 {
			p.delayTakeover()
			return true
		}
		if !settled {
			return true
		}
		for _, silent := range texts(answer[2]) {
			p.logger.Info("a replica is silent: its people are taken away", "replica", silent)
			if !p.claim(ctx, silent) {
				return false
			}
		}
		if !p.notifier.add(texts(answer[3])) {
			return true
		}
	}
}

// texts are the strings of a script's answer.
func texts(answer any) []string {
	list, _ := answer.([]any)
	all := make([]string, 0, len(list))
	for _, v := range list {
		s, _ := v.(string)
		all = append(all, s)
	}
	return all
}

func (p *Presence) registeredCount() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.registered
}

func (p *Presence) claim(ctx context.Context, replica string) bool {
	for {
		more, err := p.run(ctx, claimScript, replica, replica, presenceBatch).Int()
		if err != nil {
			return p.failed(err)
		}
		if more == 0 {
			return true
		}
	}
}

// release takes everybody here out of the roll; they linger.
func (p *Presence) release(ctx context.Context) bool { return !p.bus.Down() && p.claim(ctx, p.replica) }

// renew writes this replica's part anew.
func (p *Presence) rewrite(ctx context.Context) bool {
	if !p.release(ctx) {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.registered = 0
	for person, s := range p.people {
		if s.registered = false; !s.connected {
			delete(p.people, person)
			continue
		}
		p.people[person] = s
		p.dirty[person] = struct{}{}
	}
	return true
}
