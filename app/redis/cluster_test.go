package redis

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/sse"
	"parley/app/sse/ssetest"
	"parley/test/services"
	"parley/test/wait"
)

func started(t *testing.T, s *services.Service) *services.Service {
	t.Helper()
	t.Cleanup(s.Kill)
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestOnACluster passes what must hold on any Redis once more, on three masters.
func TestOnACluster(t *testing.T) {
	cluster := started(t, services.RedisCluster(t.TempDir(), 0))
	t.Setenv("PARLEY_TEST_REDIS_URL", cluster.URL)
	for name, test := range map[string]func(*testing.T){
		"bus": TestConformance, "news": TestNewsReachEveryReplicaAndOnlyMembers, "tail": TestTail, "bound": TestTailIsBounded, "marks": func(t *testing.T) { marksAreForgotten(t, redisURL(t)) },
		"authority": TestAuthorityConformance, "records": TestAuthorityRecords, "ledger": TestLedgerConformance, "presence": TestPresenceConformance,
		"spread": peopleAreSpread,
	} {
		t.Run(name, test)
	}
}

// peopleAreSpread: each master carries the channels of some of the people, and only of those.
func peopleAreSpread(t *testing.T) {
	r := newReplica(t, redisURL(t), sse.Limits{})
	people := map[string]*ssetest.Reader{}
	var all []uuid.UUID
	for range 100 {
		person := uuid.New()
		all = append(all, person)
		people[r.bus.channels.of(person)] = r.connects(person)
	}
	for _, s := range people {
		s.Expects("ready")
	}
	masters, found := 0, 0
	err := r.client.(*redis.ClusterClient).ForEachMaster(context.Background(), func(ctx context.Context, node *redis.Client) error {
		names, err := node.PubSubShardChannels(ctx, "user:*").Result()
		here := 0
		for _, name := range names {
			if people[name] != nil {
				here++
			}
		}
		if masters++; here == 0 || here == len(people) {
			t.Errorf("%s carries the channels of %d people of %d", node.Options().Addr, here, len(people))
		}
		found += here
		return err
	})
	if err != nil || masters != 3 || found != len(people) {
		t.Errorf("%d masters carry %d channels, %v", masters, found, err)
	}
	r.bus.Publish(context.Background(), chat.StoredEvent{From: 1, To: 1}, all)
	r.bus.Broadcast(context.Background(), chat.ResyncEvent{})
	for _, s := range people {
		got := []string{s.Reads(), s.Reads()}
		if !strings.Contains(strings.Join(got, " "), "stored 1-1") || !strings.Contains(strings.Join(got, " "), "resync") {
			t.Errorf("read %v", got)
		}
	}
}

// takenOver kills the master of the person's channel, and then looks whether all is as before once another server has taken its place.
func takenOver(t *testing.T, url string, kill func(channel string)) {
	one, two := newReplica(t, url, sse.Limits{}), newReplica(t, url, sse.Limits{})
	ctx, ada, talk := context.Background(), uuid.New(), uuid.New()
	s := one.connects(ada)
	s.Expects("ready")
	kill(two.bus.channels.of(ada))
	two.bus.Announce(ctx, message(talk, ada, 0, "lost on the way"), []uuid.UUID{ada})
	if !two.bus.Down() {
		t.Error("a failed publish is not noticed")
	}
	wait.Until(t, "the buses are back", func() bool { return !one.bus.Down() && !two.bus.Down() })
	s.Expects("resync") // what was missed, fetched
	wait.Until(t, "live again", func() bool {
		two.bus.Publish(ctx, chat.StoredEvent{From: 1, To: 1}, []uuid.UUID{ada})
		return s.Reads() == "stored 1-1"
	})
	wait.Until(t, "tails are kept", func() bool {
		two.bus.Announce(ctx, message(talk, ada, 1, "kept"), []uuid.UUID{ada})
		pending, err := one.bus.Pending(ctx, talk)
		return err == nil && len(pending) > 0 && pending[len(pending)-1].Body == "kept"
	})
}

func TestAClusterHealsItself(t *testing.T) {
	cluster := started(t, services.RedisCluster(t.TempDir(), 1))
	takenOver(t, cluster.URL, func(channel string) {
		master, err := cluster.Master(context.Background(), channel)
		if err != nil {
			t.Fatal(err)
		}
		master.Kill()
	})
}

// TestAHungMasterIsReplaced: it keeps its connections open and says nothing, and comes back as a replica.
func TestAHungMasterIsReplaced(t *testing.T) {
	cluster := started(t, services.RedisCluster(t.TempDir(), 1))
	takenOver(t, cluster.URL, func(channel string) {
		master, err := cluster.Master(context.Background(), channel)
		if err == nil {
			err = master.Pause()
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = master.Resume() })
	})
}

func TestSentinelsMakeAnotherMaster(t *testing.T) {
	set := started(t, services.RedisSentinel(t.TempDir()))
	takenOver(t, set.URL, func(string) { set.Nodes[0].Kill() })
}

func TestWaysToReachRedis(t *testing.T) {
	for name, c := range map[string]struct{ url, want string }{
		"one":                     {"redis://:secret@127.0.0.1:1/2", ""},
		"a cluster":               {"redis+cluster://:secret@127.0.0.1:1,127.0.0.1:2", ""},
		"a cluster with TLS":      {"rediss+cluster://user:secret@127.0.0.1:1", ""},
		"sentinels":               {"redis+sentinel://:secret@127.0.0.1:1,127.0.0.1:2/parley/3?sentinel_password=secret", ""},
		"sentinels of nothing":    {"redis+sentinel://:secret@127.0.0.1:1", "name that the sentinels know"},
		"no number":               {"redis+sentinel://:secret@127.0.0.1:1/parley/x", "number of a database"},
		"a node without a port":   {"redis+cluster://:secret@127.0.0.1:1,redis-2", "host:port"},
		"an unescaped slash":      {"redis+cluster://:sec/ret@127.0.0.1:1", "host:port"},
		"an unescaped percentage": {"redis+cluster://:secret%zz@127.0.0.1:1", "%40 for @"},
		"another word":            {"redis+ring://:secret@127.0.0.1:1", "redis+cluster"},
		"another scheme":          {"http://:secret@127.0.0.1:1", "redis://host:6379/0"},
	} {
		client, err := NewClient(c.url)
		if err == nil {
			client.Close()
		}
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for bucket, c := 0, (channels{sharded: true}); bucket < 100; bucket++ {
		user := uuid.New()
		if back, ok := c.userOf(c.of(user)); !ok || back != user {
			t.Errorf("%s is read as %s", c.of(user), back)
		}
	}
}
