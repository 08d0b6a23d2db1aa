package redis

import (
	"time"

	"parley/app/chat"
)

// A replica may be the only one that has lost Redis, for example because its password was
// replaced first. The others still publish through Redis, so it asks them to relay copies
// too. The request lasts for longer than the interval of requests, which survives a lost one.
const (
	relayRequestInterval = 3 * time.Second
	relayRequestLifetime = 12 * time.Second
)

// requestRelay asks every replica for copies, at most once in relayRequestInterval. It is
// called while Redis is down.
func (b *Bus) requestRelay() {
	if time.Since(b.requested) < relayRequestInterval {
		return
	}
	b.requested = time.Now()
	b.relayQueue.add(chat.RelayEvent{Event: chat.RelayRequestEvent{}})
}

// RelayRequested makes the bus relay copies of its events for relayRequestLifetime, because
// Redis is down for a replica.
func (b *Bus) RelayRequested() {
	b.copyUntil.Store(time.Now().Add(relayRequestLifetime).UnixNano())
}

func (b *Bus) relaysCopies() bool { return time.Now().UnixNano() < b.copyUntil.Load() }
