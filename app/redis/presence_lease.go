package redis

import (
	"context"
	"time"
)

// delayTakeover forbids takeovers until this replica has held its lease for a full lease
// duration. After an outage all leases have expired, and every replica must have the time
// to renew its own before others take over its people.
func (p *Presence) delayTakeover() { p.takeoverFrom = time.Now().Add(p.Options.LeaseDuration) }

// heartbeat renews this replica's lease. It also does the work that is common to all
// replicas: it sets people offline whose delay has passed, and takes over the people of
// replicas whose lease has expired. It returns false when Redis is down or when the
// registry is not as this replica left it, because Redis lost its data or because this
// replica's own lease had expired.
func (p *Presence) heartbeat(ctx context.Context) bool {
	for {
		mayTakeOver, capacity := time.Now().After(p.takeoverFrom), 0
		if mayTakeOver {
			capacity = p.notifier.capacity()
		}
		reply, err := p.runScript(ctx, heartbeatScript, p.replica, capacity).Slice()
		if err != nil {
			return p.failed(err)
		}

		hadLease, _ := reply[0].(int64)
		found, _ := reply[1].(int64)
		if want := p.registeredCount(); found != want || hadLease == 0 && want > 0 {
			p.logger.Info("presence differs in redis, writing it again", "want", want, "found", found)
			return false
		}
		if hadLease == 0 {
			p.delayTakeover()
			return true
		}
		if !mayTakeOver {
			return true
		}

		for _, expired := range stringsOf(reply[2]) {
			p.logger.Info("lease of a replica expired, taking over its people", "replica", expired)
			if !p.claim(ctx, expired) {
				return false
			}
		}
		if more := p.notifier.add(stringsOf(reply[3])); !more {
			return true
		}
	}
}

func (p *Presence) registeredCount() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.registered
}

// claim removes the people of a replica, in batches. They go offline after the delay
// unless they connect to another replica.
func (p *Presence) claim(ctx context.Context, replica string) bool {
	for {
		more, err := p.runScript(ctx, claimScript, replica, replica, presenceBatch).Int()
		if err != nil {
			return p.failed(err)
		}
		if more == 0 {
			return true
		}
	}
}

// release removes this replica and its people from the registry.
func (p *Presence) release(ctx context.Context) bool { return !p.bus.Down() && p.claim(ctx, p.replica) }

// stringsOf returns the strings of a nested list in a script's reply.
func stringsOf(reply any) []string {
	list, _ := reply.([]any)
	all := make([]string, 0, len(list))
	for _, v := range list {
		s, _ := v.(string)
		all = append(all, s)
	}
	return all
}
