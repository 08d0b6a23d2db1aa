package redis

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/app/sse/ssetest"
	"parley/test/services"
	"parley/test/wait"
)

// TestCluster repeats the tests that must pass on any Redis, on three masters.
func TestCluster(t *testing.T) {
	cluster := started(t, services.RedisCluster(t.TempDir(), 0))
	t.Setenv("PARLEY_TEST_REDIS_URL", cluster.URL)
	for name, test := range map[string]func(*testing.T){
		"bus":                  TestBusConformance,
		"events":               TestEventsReachMembersOnEveryReplica,
		"group channels":       TestGroupChannels,
		"tail":                 TestTail,
		"full tail":            TestFullTail,
		"stored marks":         func(t *testing.T) { testClearStoredMarks(t, redisURL(t)) },
		"access cache":         TestAccessCacheConformance,
		"access cache entries": TestAccessCacheEntries,
		"rate limits":          TestRateLimitStoreConformance,
		"presence":             TestPresenceConformance,
		"sharding":             testSharding,
	} {
		t.Run(name, test)
	}
}

// testSharding expects each master to carry the channels of some people, and no channel to
// be on two masters.
func testSharding(t *testing.T) {
	r := newReplica(t, redisURL(t))
	streams := map[string]*ssetest.Reader{}
	var people []uuid.UUID
	for range 100 {
		person := uuid.New()
		people = append(people, person)
		streams[r.bus.channels.of(chat.Channel{Person: person})] = r.connects(person)
	}

	for _, s := range streams {
		s.Expects("ready")
	}

	var mu sync.Mutex // guards masters and total, because ForEachMaster calls concurrently
	masters, total := 0, 0
	err := r.bus.client.(*redis.ClusterClient).ForEachMaster(
		context.Background(),
		func(ctx context.Context, node *redis.Client) error {
			names, err := node.PubSubShardChannels(ctx, "parley:user:*").Result()
			channels := 0
			for _, name := range names {
				if streams[name] != nil {
					channels++
				}
			}

			mu.Lock()
			defer mu.Unlock()
			if masters++; channels == 0 || channels == len(streams) {
				t.Errorf("%s has %d of %d channels, want some", node.Options().Addr, channels, len(streams))
			}
			total += channels
			return err
		},
	)
	if err != nil || masters != 3 || total != len(streams) {
		t.Errorf("%d masters have %d channels, want 3 with %d: %v", masters, total, len(streams), err)
	}

	r.bus.Publish(context.Background(), chat.StoredEvent{From: 1, To: 1}, chat.ToPeople(people...))
	r.bus.Broadcast(context.Background(), chat.ResyncEvent{})
	for _, s := range streams {
		got := s.Reads() + " " + s.Reads()
		if !strings.Contains(got, "stored 1-1") || !strings.Contains(got, "resync") {
			t.Errorf("read %q, want a stored and a resync event", got)
		}
	}
}

// testFailover stops the master of a person's channel, and expects everything to work
// again once another server has become the master.
func testFailover(t *testing.T, url string, stopMaster func(channel string)) {
	t.Helper()
	one, two := newReplica(t, url), newReplica(t, url)
	ctx, ada, conversation := context.Background(), uuid.New(), uuid.New()
	s := one.connects(ada)
	s.Expects("ready")

	stopMaster(two.bus.channels.of(chat.Channel{Person: ada}))
	two.bus.Announce(ctx, message(conversation, ada, 0, "lost"), chat.ToPeople(ada))
	if !two.bus.Down() {
		t.Error("the breaker is closed after a failed publication")
	}

	wait.Until(t, "both breakers are closed", func() bool { return !one.bus.Down() && !two.bus.Down() })
	s.Expects("resync")
	wait.Until(t, "events arrive again", func() bool {
		two.bus.Publish(ctx, chat.StoredEvent{From: 1, To: 1}, chat.ToPeople(ada))
		return s.Reads() == "stored 1-1"
	})

	wait.Until(t, "the tail has a new message", func() bool {
		two.bus.Announce(ctx, message(conversation, ada, 1, "kept"), chat.ToPeople(ada))
		pending, err := one.bus.Pending(ctx, conversation)
		return err == nil && len(pending) > 0 && pending[len(pending)-1].Body == "kept"
	})
}

func TestClusterFailover(t *testing.T) {
	t.Parallel()
	cluster := started(t, services.RedisCluster(t.TempDir(), 1))
	testFailover(t, cluster.URL, func(channel string) {
		master, err := cluster.Master(context.Background(), channel)
		if err != nil {
			t.Fatal(err)
		}
		master.Kill()
	})
}

// TestFailoverOfAHungMaster pauses a master. It keeps its connections open, and becomes a
// replica when it resumes.
func TestFailoverOfAHungMaster(t *testing.T) {
	t.Parallel()
	cluster := started(t, services.RedisCluster(t.TempDir(), 1))
	testFailover(t, cluster.URL, func(channel string) {
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

func TestSentinelFailover(t *testing.T) {
	t.Parallel()
	set := started(t, services.RedisSentinel(t.TempDir()))
	testFailover(t, set.URL, func(string) { set.Nodes[0].Kill() })
}
