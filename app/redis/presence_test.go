package redis

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/chat/chattest"
	"parley/app/sse"
	"parley/test/wait"
)

// watcher is told of changes.
type watcher func(person uuid.UUID) error

func (w watcher) PresenceChanged(_ context.Context, people []uuid.UUID) error {
	for _, p := range people {
		if err := w(p); err != nil {
			return err
		}
	}
	return nil
}

// attendant is a replica's presence that can die.
type attendant struct {
	*Presence
	crash func()
}

func (a *attendant) Crash() { a.crash() }

// quick are intervals for tests, on keys of the test's own.
func quick() PresenceOptions {
	return PresenceOptions{
		KeyPrefix: "presence-" + uuid.NewString(), HeartbeatInterval: 40 * time.Millisecond, LeaseDuration: 300 * time.Millisecond, OfflineDelay: 600 * time.Millisecond,
		NotifyTimeout: time.Second, BatchDelay: time.Millisecond,
	}
}

// attend runs a replica's presence until the test ends, or it crashes: then nothing is cleaned up.
func attend(t *testing.T, url string, o PresenceOptions, changed func(uuid.UUID) error) *attendant {
	t.Helper()
	client, err := NewClient(url)
	if err != nil {
		t.Fatal(err)
	}
	bus := NewBus(client, nil, slog.New(slog.DiscardHandler), nil)
	p := NewPresence(bus, o, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); p.Run(ctx, watcher(changed)) }()
	a := &attendant{Presence: p}
	a.crash = func() {
		bus.down.Store(true) // not a word reaches Redis any more
		bus.Close()
		stop()
		<-ended
		client.Close()
		a.crash = func() {}
	}
	t.Cleanup(func() {
		if stop(); client.Ping(context.Background()).Err() == nil {
			<-ended
		}
		a.crash()
	})
	return a
}

func TestPresenceConformance(t *testing.T) {
	embedded := miniredis.RunT(t)
	for name, url := range map[string]string{"Redis": redisURL(t), "miniredis": "redis://" + embedded.Addr()} {
		t.Run(name, func(t *testing.T) {
			chattest.TestPresence(t, func(t *testing.T, replicas int, changed func(uuid.UUID)) (all []chattest.PresenceReplica) {
				o := quick()
				for range replicas {
					all = append(all, attend(t, url, o, func(p uuid.UUID) error { changed(p); return nil }))
				}
				return all
			})
		})
	}
}

func nobody(uuid.UUID) error { return nil }

func online(t *testing.T, p chat.Presences, person uuid.UUID) bool {
	t.Helper()
	got, err := p.Online(context.Background(), []uuid.UUID{person})
	return err == nil && got[person]
}

func TestOfflineOutlivesTheReplicaThatBeganIt(t *testing.T) {
	o, ada := quick(), uuid.New()
	told := make(chan uuid.UUID, 8)
	one := attend(t, redisURL(t), o, nobody)
	two := attend(t, redisURL(t), o, func(p uuid.UUID) error { told <- p; return nil })
	one.Arrive(ada)
	wait.Until(t, "Ada is online", func() bool { return online(t, two, ada) })
	one.Leave(ada)
	wait.Until(t, "Ada is leaving", func() bool {
		n, err := two.bus.client.ZCard(context.Background(), rollKeys(o.KeyPrefix)[3]).Result()
		return err == nil && n == 1
	})
	one.Crash()
	if p := <-told; p != ada || online(t, two, ada) {
		t.Errorf("told of %v", p)
	}
}

func TestWhatOneCouldNotTellAnotherTells(t *testing.T) {
	o, ada := quick(), uuid.New()
	told := make(chan uuid.UUID, 8)
	one := attend(t, redisURL(t), o, func(uuid.UUID) error { return chat.Unavailable("the store", fmt.Errorf("away")) })
	attend(t, redisURL(t), o, func(p uuid.UUID) error { told <- p; return nil })
	one.Arrive(ada)
	if p := <-told; p != ada {
		t.Errorf("told of %v", p)
	}
	wait.Until(t, "it isn't told for ever", func() bool {
		n, err := one.bus.client.ZCard(context.Background(), rollKeys(o.KeyPrefix)[4]).Result()
		return err == nil && n == 0
	})
}

func TestAReplicaThatWasTakenForDeadComesBack(t *testing.T) {
	o, ada := quick(), uuid.New()
	one, two := attend(t, redisURL(t), o, nobody), attend(t, redisURL(t), o, nobody)
	one.Arrive(ada)
	wait.Until(t, "Ada is online", func() bool { return online(t, two, ada) })
	if _, err := two.run(context.Background(), claimScript, one.replica, one.replica, 0).Result(); err != nil { // its lease isn't over: nothing happens
		t.Fatal(err)
	}
	two.bus.client.ZAdd(context.Background(), rollKeys(o.KeyPrefix)[0], redis.Z{Member: one.replica, Score: 1}) // as if it had been silent since 1970
	two.claim(context.Background(), one.replica)
	wait.Until(t, "its part is written anew", func() bool {
		n, err := two.bus.client.SCard(context.Background(), replicaPeopleKey(o.KeyPrefix, one.replica)).Result()
		return err == nil && n == 1 && online(t, two, ada)
	})
}

func TestPresenceAfterAnOutage(t *testing.T) {
	server := redisOfOurOwn(t)
	o, ada, bob, cleo := quick(), uuid.New(), uuid.New(), uuid.New()
	one, two := attend(t, server.URL, o, nobody), attend(t, server.URL, o, nobody)
	one.Arrive(ada)
	two.Arrive(bob)
	one.Arrive(cleo)
	wait.Until(t, "all are online", func() bool { return online(t, two, ada) && online(t, one, bob) && online(t, two, cleo) })

	server.Kill() // and what it knew is lost
	wait.Until(t, "nobody can tell", func() bool {
		_, err := one.Online(context.Background(), []uuid.UUID{bob})
		return chat.KindOf(err) == chat.KindUnavailable
	})
	one.Leave(cleo)
	if err := server.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "each writes its part anew", func() bool { return online(t, two, ada) && online(t, one, bob) && !online(t, one, cleo) })
}

// After an outage that all leases didn't survive nobody is offline: first each may come back.
func TestWhenAllWereSilentNobodyIsTakenAway(t *testing.T) {
	o, ada, bob := quick(), uuid.New(), uuid.New()
	changes := make(chan uuid.UUID, 64)
	changed := func(p uuid.UUID) error { changes <- p; return nil }
	one, two := attend(t, redisURL(t), o, changed), attend(t, redisURL(t), o, changed)
	one.Arrive(ada)
	two.Arrive(bob)
	for range 2 {
		<-changes // they came
	}
	ctx, replicas := context.Background(), rollKeys(o.KeyPrefix)[0]
	if err := one.bus.client.ZAdd(ctx, replicas, redis.Z{Member: one.replica, Score: 1}, redis.Z{Member: two.replica, Score: 1}).Err(); err != nil {
		t.Fatal(err)
	}
	wait.Until(t, "both are back", func() bool {
		leases, err := one.bus.client.ZMScore(ctx, replicas, one.replica, two.replica).Result()
		return err == nil && leases[0] > 1 && leases[1] > 1 && online(t, two, ada) && online(t, one, bob)
	})
	one.Leave(ada)
	if p := <-changes; p != ada {
		t.Errorf("%v, who was here all the time, came or went", p)
	}
}

func TestSignOffIsNoCrash(t *testing.T) {
	o, ada := quick(), uuid.New()
	o.LeaseDuration = time.Hour // nobody finds out by waiting
	two := attend(t, redisURL(t), o, nobody)
	client, err := NewClient(redisURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	bus := NewBus(client, nil, slog.New(slog.DiscardHandler), nil)
	defer bus.Close()
	one := NewPresence(bus, o, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); one.Run(ctx, watcher(nobody)) }()
	one.Arrive(ada)
	wait.Until(t, "Ada is online", func() bool { return online(t, two, ada) })
	stop()
	<-ended
	if n, err := client.ZScore(context.Background(), rollKeys(o.KeyPrefix)[0], one.replica).Result(); err == nil {
		t.Errorf("the replica that ended is still on the roll, until %v", n)
	}
	if !online(t, two, ada) {
		t.Error("Ada is offline at once: her page had no time to go elsewhere")
	}
	two.Arrive(ada)
	wait.Until(t, "Ada is on the other replica", func() bool {
		n, err := client.HGet(context.Background(), rollKeys(o.KeyPrefix)[1], ada.String()).Int()
		return err == nil && n == 1
	})
}

func TestTheHubTellsOfFirstAndLastStreams(t *testing.T) {
	r := newReplica(t, redisURL(t), sse.Limits{})
	ada := uuid.New()
	first, second := r.connects(ada), r.connects(ada)
	first.Expects("ready")
	second.Expects("ready")
	first.Conn.Close()
	second.Conn.Close()
	wait.Until(t, "both streams are gone", func() bool {
		r.hub.Deliver(ada, chat.ResyncEvent{})
		return r.hub.Count() == 0
	})
	r.connects(ada).Expects("ready")
	for i, want := range []string{"arrive", "leave", "arrive"} {
		if got := <-r.attendance; got != want+" "+ada.String() {
			t.Errorf("the %d. word is %q, want %q", i+1, got, want)
		}
	}
	if n := len(r.attendance); n != 0 {
		t.Errorf("%d words more", n)
	}
}
