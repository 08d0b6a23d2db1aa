package redis

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/loop"
)

// presenceBatch is the number of people in one call, which then occupies Redis for a few
// milliseconds.
const presenceBatch = 200

// maintain writes changes soon after they happen, and sends heartbeats, until ctx ends.
// After a failure Redis may lack changes, so all of this replica's part is stale and is
// written again when Redis is back.
func (p *Presence) maintain(ctx context.Context) {
	nextHeartbeat := time.Now()
	p.delayTakeover()
	for {
		wait := time.Until(nextHeartbeat)
		if p.stale.Load() {
			wait = min(wait, probeInterval)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		case <-p.wake:
			// Wait for changes that happen at the same time.
			if !loop.Sleep(ctx, p.Options.BatchDelay) {
				return
			}
		}

		due := !time.Now().Before(nextHeartbeat)
		if due {
			nextHeartbeat = time.Now().Add(p.Options.HeartbeatInterval)
		}
		ok := !p.bus.Down() &&
			(!p.stale.Load() || p.rewrite(ctx)) &&
			p.flush(ctx) &&
			(!due || p.heartbeat(ctx))
		p.stale.Store(!ok)
		if !ok {
			p.delayTakeover()
		}
	}
}

// flush registers the people who arrived and unregisters those who left.
func (p *Presence) flush(ctx context.Context) bool {
	for {
		arrived, left := p.takeDirty(presenceBatch)
		if len(arrived)+len(left) == 0 {
			return true
		}
		if !p.register(ctx, arriveScript, arrived, true) || !p.register(ctx, leaveScript, left, false) {
			return false
		}
	}
}

// takeDirty removes up to limit people from dirty whose state differs from Redis.
func (p *Presence) takeDirty(limit int) (arrived, left []uuid.UUID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for person := range p.dirty {
		if len(arrived)+len(left) == limit {
			break
		}
		delete(p.dirty, person)
		switch s := p.people[person]; {
		case s.connected && !s.registered:
			arrived = append(arrived, person)
		case !s.connected && s.registered:
			left = append(left, person)
		case !s.connected:
			delete(p.people, person)
		}
	}
	return arrived, left
}

// register runs arriveScript or leaveScript, after which people are registered or not.
func (p *Presence) register(ctx context.Context, script *redis.Script, people []uuid.UUID, registered bool) bool {
	if len(people) == 0 {
		return true
	}

	changed, err := p.runScript(ctx, script, p.replica, idStrings(people)...).StringSlice()
	if err != nil {
		return p.failed(err)
	}

	p.mu.Lock()
	for _, person := range people {
		s := p.people[person]
		s.registered = registered
		if p.people[person] = s; !s.connected && !s.registered {
			delete(p.people, person)
		}
	}

	if n := int64(len(people)); registered {
		p.registered += n
	} else {
		p.registered -= n
	}
	p.mu.Unlock()

	p.notifier.add(changed)
	return true
}

// rewrite removes this replica from the registry and marks all of its people dirty, so
// that flush registers them again.
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
