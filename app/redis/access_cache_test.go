package redis

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/chat/chattest"
	"parley/test/wait"
)

// newAccessCache returns a cache on a bus of its own, wired as in a replica. Caches with
// one prefix share their entries.
func newAccessCache(t *testing.T, url, keyPrefix string) *AccessCache {
	t.Helper()
	var a *AccessCache
	bus, _ := startBus(t, url, BusOptions{OnDown: func(down bool) {
		if down {
			a.MarkUnreliable()
		}
	}})
	a = NewAccessCache(bus, keyPrefix, discard)
	return a
}

func TestAccessCacheConformance(t *testing.T) {
	chattest.TestAccessCache(t, func(t *testing.T) chat.AccessCache {
		return newAccessCache(t, redisURL(t), "authority-"+uuid.NewString())
	})
}

func newSession() chat.Session {
	return chat.Session{
		ID:        uuid.New(),
		Person:    chat.Person{ID: uuid.New(), Name: "Ada"},
		ExpiresAt: time.Now().Add(time.Hour),
		Confirmed: true,
	}
}

func (a *AccessCache) has(s chat.Session) bool {
	_, ok := a.Session(context.Background(), s.ID)
	return ok
}

// keeps puts sessions once the cache is available, and expects to find them.
func (a *AccessCache) keeps(t *testing.T, sessions ...chat.Session) {
	t.Helper()
	wait.Until(t, "the clock is available", func() bool { _, ok := a.Clock(context.Background()); return ok })
	for _, s := range sessions {
		clock, _ := a.Clock(context.Background())
		a.PutSession(context.Background(), s, clock)
		if !a.has(s) {
			t.Fatal("a session was not kept")
		}
	}
}

// TestAccessCacheAfterAnOutage expects no entry from before an outage to be valid after
// it, also on a replica that had nothing to invalidate. Entries put after it are valid.
func TestAccessCacheAfterAnOutage(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	one, two := newAccessCache(t, server.URL, "authority"), newAccessCache(t, server.URL, "authority")
	ended, other := newSession(), newSession()
	one.keeps(t, ended, other)
	before, _ := two.Clock(context.Background())
	if !two.has(ended) {
		t.Fatal("an entry of one replica is missing on the other")
	}

	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}

	one.Forget(context.Background(), ended.ID)
	if !one.bus.Down() || one.has(ended) {
		t.Error("the outage was not detected")
	}

	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}

	one.keeps(t, newSession())
	if one.has(ended) || two.has(ended) || two.has(other) {
		t.Error("an entry from before the outage is valid after it")
	}

	two.PutSession(context.Background(), ended, before) // read before the outage, put after it
	if two.has(ended) {
		t.Error("an entry with an outdated clock is valid")
	}

	two.keeps(t, other)
	if !one.has(other) {
		t.Error("a new entry of one replica is missing on the other")
	}
}

// TestAccessCacheOfANewRedis expects the marks of a Redis that lost its data to be later
// than the clocks from before.
func TestAccessCacheOfANewRedis(t *testing.T) {
	server := startRedis(t)
	a := newAccessCache(t, server.URL, "authority")
	s := newSession()
	a.Forget(context.Background(), uuid.New())
	a.keeps(t, s)
	old, _ := a.Clock(context.Background())

	server.Kill()
	if err := server.Start(context.Background()); err != nil {
		t.Fatal(err)
	}

	wait.Until(t, "the cache is available", func() bool {
		_, ok := a.Clock(context.Background())
		return ok && !a.bus.Down()
	})

	a.Forget(context.Background(), s.ID)
	a.PutSession(context.Background(), s, old)
	if a.has(s) {
		t.Error("an old clock is later than a new mark")
	}
}

// TestAccessCacheEntries expects no entry to outlive its session, and an entry of a newer
// release to be ignored.
func TestAccessCacheEntries(t *testing.T) {
	a := newAccessCache(t, redisURL(t), "authority-"+uuid.NewString())
	ctx := context.Background()
	expiring, expired := newSession(), newSession()
	expiring.ExpiresAt, expired.ExpiresAt = time.Now().Add(time.Minute), time.Now().Add(-time.Minute)
	a.PutSession(ctx, expired, 0)
	if a.has(expired) {
		t.Error("an expired session was kept")
	}

	a.keeps(t, expiring)
	if ttl := a.bus.client.TTL(ctx, a.sessionKey(expiring.ID)).Val(); ttl <= 0 || ttl > time.Minute {
		t.Errorf("the entry expires after %v, want at most a minute", ttl)
	}

	newer := newSession()
	record := `{"v":2,"clock":9007199254740000,"value":{"ID":"` + newer.ID.String() + `"}}`
	a.bus.client.Set(ctx, a.sessionKey(newer.ID), record, time.Minute)
	if a.has(newer) {
		t.Error("an entry of a newer release was read")
	}
	if err := a.bus.client.Get(ctx, "nothing").Err(); err != redis.Nil || a.bus.Down() {
		t.Errorf("the breaker is open: %v", err)
	}
}
