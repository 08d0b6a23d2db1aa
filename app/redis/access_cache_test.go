package redis

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/chat/chattest"
	"parley/test/wait"
)

// newAuthority is one on a bus of its own, wired as a node does. Those of one name share their entries.
func newAuthority(t *testing.T, url, name string) *AccessCache {
	t.Helper()
	client, err := NewClient(url)
	if err != nil {
		t.Fatal(err)
	}
	var a *AccessCache
	bus := NewBus(client, nil, slog.New(slog.DiscardHandler), func(down bool) {
		if down {
			a.MarkUnreliable()
		}
	})
	a = NewAccessCache(bus, name, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { bus.Close(); client.Close() })
	return a
}

func TestAuthorityConformance(t *testing.T) {
	chattest.TestAuthorityCache(t, func(t *testing.T) chat.AccessCache {
		return newAuthority(t, redisURL(t), "authority-"+uuid.NewString())
	})
}

func someSession() chat.Session {
	return chat.Session{ID: uuid.New(), Person: chat.Person{ID: uuid.New(), Name: "Ada"}, ExpiresAt: time.Now().Add(time.Hour), Confirmed: true}
}

func (a *AccessCache) has(s chat.Session) bool {
	_, ok := a.Session(context.Background(), s.ID)
	return ok
}

func (a *AccessCache) keeps(t *testing.T, sessions ...chat.Session) {
	t.Helper()
	wait.Until(t, "the clock is there", func() bool { _, ok := a.Clock(context.Background()); return ok })
	for _, s := range sessions {
		clock, _ := a.Clock(context.Background())
		a.PutSession(context.Background(), s, clock)
		if !a.has(s) {
			t.Fatal("not kept")
		}
	}
}

// TestAuthorityAfterAnOutage: what should have been forgotten while Redis was away isn't served by it afterwards, not even by a replica that
// had nothing to forget; what is put from then on is.
func TestAuthorityAfterAnOutage(t *testing.T) {
	server := redisOfOurOwn(t)
	one, two := newAuthority(t, server.URL, "authority"), newAuthority(t, server.URL, "authority")
	ended, other := someSession(), someSession()
	one.keeps(t, ended, other)
	before, _ := two.Clock(context.Background())
	if !two.has(ended) {
		t.Fatal("two replicas don't share")
	}
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	one.Forget(context.Background(), ended.ID)
	if !one.bus.Down() || one.has(ended) {
		t.Error("the outage isn't noticed")
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	one.keeps(t, someSession()) // it answers again
	if one.has(ended) || two.has(ended) || two.has(other) {
		t.Error("what Redis had before its outage is believed after it")
	}
	two.PutSession(context.Background(), ended, before) // read before the outage, put after it
	if two.has(ended) {
		t.Error("a late write brought it back")
	}
	two.keeps(t, other)
	if !one.has(other) {
		t.Error("nothing is shared any more")
	}
}

// TestAuthorityOfANewRedis: one that lost everything doesn't take what was read before for newer than its own marks.
func TestAuthorityOfANewRedis(t *testing.T) {
	server := redisOfOurOwn(t)
	a := newAuthority(t, server.URL, "authority")
	s := someSession()
	a.Forget(context.Background(), uuid.New())
	a.keeps(t, s)
	old, _ := a.Clock(context.Background())
	server.Kill()
	if err := server.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "it answers", func() bool { _, ok := a.Clock(context.Background()); return ok && !a.bus.Down() })
	a.Forget(context.Background(), s.ID)
	a.PutSession(context.Background(), s, old)
	if a.has(s) {
		t.Error("an old clock counts for more than a new mark")
	}
}

// TestAuthorityRecords: nothing outlives its session, and a record of a newer release is left alone.
func TestAuthorityRecords(t *testing.T) {
	a := newAuthority(t, redisURL(t), "authority-"+uuid.NewString())
	ctx := context.Background()
	soon, over := someSession(), someSession()
	soon.ExpiresAt, over.ExpiresAt = time.Now().Add(time.Minute), time.Now().Add(-time.Minute)
	a.PutSession(ctx, over, 0)
	if a.has(over) {
		t.Error("an expired session is kept")
	}
	a.keeps(t, soon)
	if left := a.bus.client.TTL(ctx, a.sessionKey(soon.ID)).Val(); left <= 0 || left > time.Minute {
		t.Errorf("kept for %v", left)
	}
	newer := someSession()
	a.bus.client.Set(ctx, a.sessionKey(newer.ID), `{"v":2,"clock":9007199254740000,"value":{"ID":"`+newer.ID.String()+`"}}`, time.Minute)
	if a.has(newer) {
		t.Error("a newer record is read as ours")
	}
	if err := a.bus.client.Get(ctx, "nothing").Err(); err != redis.Nil || a.bus.Down() {
		t.Errorf("the bus is down: %v", err)
	}
}
