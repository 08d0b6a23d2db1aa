package redis

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/chat/chattest"
	"parley/test/wait"
)

// presenceHandler calls a function for each person.
type presenceHandler func(person uuid.UUID) error

func (h presenceHandler) PresenceChanged(_ context.Context, people []uuid.UUID) error {
	for _, p := range people {
		if err := h(p); err != nil {
			return err
		}
	}
	return nil
}

func ignore(uuid.UUID) error { return nil }

// presenceReplica is the presence of a replica that can crash or stop.
type presenceReplica struct {
	*Presence
	stop    func()
	stopBus func()
}

// Crash ends the replica without any further call to Redis.
func (r *presenceReplica) Crash() {
	r.bus.down.Store(true)
	r.stopBus()
	r.stop()
}

// testPresenceOptions returns short intervals and keys for one test.
func testPresenceOptions() PresenceOptions {
	return PresenceOptions{
		KeyPrefix:         "presence-" + uuid.NewString(),
		HeartbeatInterval: 40 * time.Millisecond,
		LeaseDuration:     300 * time.Millisecond,
		OfflineDelay:      600 * time.Millisecond,
		NotifyTimeout:     time.Second,
		BatchDelay:        time.Millisecond,
	}
}

// startPresence runs the presence of a replica until the test ends.
func startPresence(t *testing.T, url string, o PresenceOptions, changed func(uuid.UUID) error) *presenceReplica {
	t.Helper()
	bus, stopBus := startBus(t, url, BusOptions{})
	p := NewPresence(bus, o, discard)
	stop := start(func(ctx context.Context) { _ = p.Run(ctx, presenceHandler(changed)) })
	t.Cleanup(stop)
	return &presenceReplica{p, stop, stopBus}
}

func TestPresenceConformance(t *testing.T) {
	embedded := miniredis.RunT(t)
	for name, url := range map[string]string{"Redis": redisURL(t), "miniredis": "redis://" + embedded.Addr()} {
		t.Run(name, func(t *testing.T) {
			chattest.TestPresence(t, func(
				t *testing.T, replicas int, changed func(uuid.UUID),
			) (all []chattest.PresenceReplica) {
				o := testPresenceOptions()
				for range replicas {
					all = append(all, startPresence(t, url, o, func(p uuid.UUID) error { changed(p); return nil }))
				}
				return all
			})
		})
	}
}

func online(t *testing.T, p chat.Presences, person uuid.UUID) bool {
	t.Helper()
	got, err := p.Online(context.Background(), []uuid.UUID{person})
	return err == nil && got[person]
}

func (p *Presence) keys() presenceKeys { return presenceKeysOf(p.Options.KeyPrefix) }

func TestAnotherReplicaSetsAPersonOffline(t *testing.T) {
	o, ada := testPresenceOptions(), uuid.New()
	notified := make(chan uuid.UUID, 8)
	one := startPresence(t, redisURL(t), o, ignore)
	two := startPresence(t, redisURL(t), o, func(p uuid.UUID) error { notified <- p; return nil })
	one.Arrive(ada)
	wait.Until(t, "Ada is online", func() bool { return online(t, two, ada) })
	one.Leave(ada)
	wait.Until(t, "Ada is leaving", func() bool {
		n, err := two.bus.client.ZCard(context.Background(), two.keys().leaving).Result()
		return err == nil && n == 1
	})

	one.Crash()
	if p := <-notified; p != ada || online(t, two, ada) {
		t.Errorf("notified of %v, want %v, who is offline", p, ada)
	}
}

func TestAnotherReplicaRetriesANotification(t *testing.T) {
	o, ada := testPresenceOptions(), uuid.New()
	notified := make(chan uuid.UUID, 8)
	one := startPresence(t, redisURL(t), o, func(uuid.UUID) error {
		return chat.Unavailable("the store", errors.New("down"))
	})

	startPresence(t, redisURL(t), o, func(p uuid.UUID) error { notified <- p; return nil })
	one.Arrive(ada)
	if p := <-notified; p != ada {
		t.Errorf("notified of %v, want %v", p, ada)
	}

	wait.Until(t, "the notification is finished", func() bool {
		n, err := one.bus.client.ZCard(context.Background(), one.keys().unnotified).Result()
		return err == nil && n == 0
	})
}

func TestReplicaRegistersAgainAfterATakeover(t *testing.T) {
	o, ada := testPresenceOptions(), uuid.New()
	one, two := startPresence(t, redisURL(t), o, ignore), startPresence(t, redisURL(t), o, ignore)
	ctx := context.Background()
	one.Arrive(ada)
	wait.Until(t, "Ada is online", func() bool { return online(t, two, ada) })

	// A claim has no effect while the lease is valid.
	if _, err := two.runScript(ctx, claimScript, one.replica, one.replica, 0).Result(); err != nil {
		t.Fatal(err)
	}

	two.bus.client.ZAdd(ctx, two.keys().replicas, redis.Z{Member: one.replica, Score: 1}) // expired in 1970
	two.claim(ctx, one.replica)
	wait.Until(t, "the replica is registered again", func() bool {
		n, err := two.bus.client.SCard(ctx, two.keys().people(one.replica)).Result()
		return err == nil && n == 1 && online(t, two, ada)
	})
}

func TestPresenceAfterAnOutage(t *testing.T) {
	server := startRedis(t)
	o, ada, bob, cleo := testPresenceOptions(), uuid.New(), uuid.New(), uuid.New()
	one, two := startPresence(t, server.URL, o, ignore), startPresence(t, server.URL, o, ignore)
	one.Arrive(ada)
	two.Arrive(bob)
	one.Arrive(cleo)
	wait.Until(t, "everyone is online", func() bool {
		return online(t, two, ada) && online(t, one, bob) && online(t, two, cleo)
	})

	server.Kill() // its data is lost
	wait.Until(t, "presence is unavailable", func() bool {
		_, err := one.Online(context.Background(), []uuid.UUID{bob})
		return chat.KindOf(err) == chat.KindUnavailable
	})

	one.Leave(cleo)
	if err := server.Start(context.Background()); err != nil {
		t.Fatal(err)
	}

	wait.Until(t, "both replicas have registered again", func() bool {
		return online(t, two, ada) && online(t, one, bob) && !online(t, one, cleo)
	})
}

// TestExpiryOfAllLeases expects nobody to go offline after an outage in which all leases
// expired, because every replica first has the time to renew its own.
func TestExpiryOfAllLeases(t *testing.T) {
	o, ada, bob := testPresenceOptions(), uuid.New(), uuid.New()
	changes := make(chan uuid.UUID, 64)
	changed := func(p uuid.UUID) error { changes <- p; return nil }
	one, two := startPresence(t, redisURL(t), o, changed), startPresence(t, redisURL(t), o, changed)
	one.Arrive(ada)
	two.Arrive(bob)
	for range 2 {
		<-changes
	}

	ctx, replicas := context.Background(), one.keys().replicas
	expired := []redis.Z{{Member: one.replica, Score: 1}, {Member: two.replica, Score: 1}}
	if err := one.bus.client.ZAdd(ctx, replicas, expired...).Err(); err != nil {
		t.Fatal(err)
	}

	wait.Until(t, "both leases are renewed", func() bool {
		leases, err := one.bus.client.ZMScore(ctx, replicas, one.replica, two.replica).Result()
		return err == nil && leases[0] > 1 && leases[1] > 1 && online(t, two, ada) && online(t, one, bob)
	})

	one.Leave(ada)
	if p := <-changes; p != ada {
		t.Errorf("notified of %v, who was connected all the time", p)
	}
}

func TestStoppedReplicaIsRemoved(t *testing.T) {
	o, ada, ctx := testPresenceOptions(), uuid.New(), context.Background()
	o.LeaseDuration = time.Hour // so that no lease expires during the test
	one, two := startPresence(t, redisURL(t), o, ignore), startPresence(t, redisURL(t), o, ignore)
	one.Arrive(ada)
	wait.Until(t, "Ada is online", func() bool { return online(t, two, ada) })

	one.stop()
	if n, err := two.bus.client.ZScore(ctx, two.keys().replicas, one.replica).Result(); err == nil {
		t.Errorf("the stopped replica has a lease until %v", n)
	}
	if !online(t, two, ada) {
		t.Error("Ada is offline before her page could reconnect")
	}

	two.Arrive(ada)
	wait.Until(t, "Ada is on the other replica", func() bool {
		n, err := two.bus.client.HGet(ctx, two.keys().counts, ada.String()).Int()
		return err == nil && n == 1
	})
}
