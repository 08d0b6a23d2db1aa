package redis

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"parley/app/chat"
	"parley/test/wait"
)

// administrator changes a Redis by commands such as "CONFIG SET maxmemory 1".
type administrator struct {
	t      *testing.T
	client *redis.Client
}

func administratorOf(t *testing.T, url string) administrator {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(o)
	t.Cleanup(func() { client.Close() })
	return administrator{t, client}
}

func (a administrator) do(commands ...string) {
	a.t.Helper()
	for _, command := range commands {
		var args []any
		for _, word := range strings.Fields(command) {
			args = append(args, word)
		}
		if err := a.client.Do(context.Background(), args...).Err(); err != nil {
			a.t.Fatalf("%s: %v", command, err)
		}
	}
}

// asParley adds Parley's user, with exactly the rights that the guides name, to a URL.
func asParley(url string) string {
	return strings.Replace(url, "redis://", "redis://parley:secret@", 1)
}

func (a administrator) addParley() {
	a.do("ACL SETUSER parley reset on >secret " + neededRights)
}

// lines is a log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) containing(word string) (list []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, word) {
			list = append(list, line)
		}
	}
	return list
}

// rejections are ways in which a Redis that runs rejects Parley, each with its end and the words
// of the log that name what to change.
var rejections = []struct {
	name       string
	begin, end []string
	log        string
}{
	{
		"another password",
		[]string{"ACL SETUSER parley resetpass >other", "CLIENT KILL USER parley"},
		[]string{"ACL SETUSER parley resetpass >secret"},
		"password of REDIS_URL",
	},
	{
		"user removed",
		[]string{"ACL DELUSER parley"},
		[]string{"ACL SETUSER parley reset on >secret " + neededRights},
		"password of REDIS_URL",
	},
	{"no channels", []string{"ACL SETUSER parley resetchannels"}, []string{"ACL SETUSER parley &parley:*"}, "&parley:*"},
	{"other keys", []string{"ACL SETUSER parley resetkeys ~app:*"}, []string{"ACL SETUSER parley ~parley:*"}, "~parley:*"},
	{"no scripts", []string{"ACL SETUSER parley -@scripting"}, []string{"ACL SETUSER parley +@scripting"}, "EVAL"},
	{"no writes", []string{"ACL SETUSER parley -@write"}, []string{"ACL SETUSER parley +@write"}, "SET"},
	{
		"no subscriptions",
		[]string{"ACL SETUSER parley -subscribe", "CLIENT KILL TYPE pubsub"},
		[]string{"ACL SETUSER parley +subscribe"},
		"SUBSCRIBE",
	},
	{"replica", []string{"REPLICAOF 127.0.0.1 1"}, []string{"REPLICAOF NO ONE"}, "leads to a replica"},
	{"memory full", []string{"CONFIG SET maxmemory 1"}, []string{"CONFIG SET maxmemory 0"}, "maxmemory"},
	{
		"too few replicas",
		[]string{"CONFIG SET min-replicas-to-write 1"},
		[]string{"CONFIG SET min-replicas-to-write 0"},
		"min-replicas-to-write",
	},
	{
		"no connections left",
		[]string{"CONFIG SET maxclients 1", "CLIENT KILL USER parley"},
		[]string{"CONFIG SET maxclients 100"},
		"maxclients",
	},
}

// TestRejectionIsAnOutage expects each rejection to be found without any call, to be logged
// once, to use the relay, to make the access cache unreliable, and to end by itself.
func TestRejectionIsAnOutage(t *testing.T) {
	for _, test := range rejections {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startRedis(t)
			admin := administratorOf(t, server.URL)
			admin.addParley()
			log, relay := &lines{}, newRecordingRelay()
			var cache *AccessCache
			r := newReplicaWith(t, asParley(server.URL), slog.New(slog.NewTextHandler(log, nil)), BusOptions{
				Relay:  relay,
				OnDown: func(bool) { cache.MarkUnreliable() },
			}, func(b *Bus) { cache = NewAccessCache(b, "access", discard) })
			ada := uuid.New()
			s := r.connects(ada)
			s.Expects("ready")
			session := chat.Session{ID: uuid.New(), ExpiresAt: time.Now().Add(time.Hour)}
			clock, _ := cache.Clock(context.Background())
			cache.PutSession(context.Background(), session, clock)

			admin.do(test.begin...)
			wait.Log(t, "the breaker is open", r.bus.Down)
			r.bus.Publish(context.Background(), chat.FriendEvent{}, chat.ToPeople(ada))
			wait.Until(t, "the relay has the event", func() bool { return relay.count() == 1 })
			wait.Until(t, "the log says what to change", func() bool { return len(log.containing(test.log)) > 0 })

			admin.do(test.end...)
			wait.Log(t, "the breaker is closed", func() bool { return !r.bus.Down() })
			s.Expects("resync")
			wait.Until(t, "events arrive again", func() bool {
				r.bus.Publish(context.Background(), chat.StoredEvent{From: 1, To: 1}, chat.ToPeople(ada))
				return s.Reads() == "stored 1-1"
			})
			if _, ok := cache.Session(context.Background(), session.ID); ok {
				t.Error("the cache still has an entry from before the outage")
			}
			if got := log.containing(test.log); len(got) != 1 {
				t.Errorf("%d log lines say what to change: %s", len(got), got)
			}
			if got := log.containing("level=ERROR"); len(got) != 0 {
				t.Errorf("%d errors are logged: %s", len(got), got)
			}
		})
	}
}

// TestRejectionAtTheStart begins with a Redis that rejects everything.
func TestRejectionAtTheStart(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	admin := administratorOf(t, server.URL)
	for name, url := range map[string]string{
		"no such database": strings.TrimSuffix(server.URL, "/0") + "/99",
		"no such user":     asParley(server.URL),
	} {
		t.Run(name, func(t *testing.T) {
			bus, _ := startBus(t, url, BusOptions{})
			wait.Until(t, "the breaker is open", bus.Down)
		})
	}

	t.Run("no channels", func(t *testing.T) {
		admin.do("ACL SETUSER parley reset on >secret ~* +@all")
		log := &lines{}
		r := newReplicaWith(t, asParley(server.URL), slog.New(slog.NewTextHandler(log, nil)), BusOptions{}, nil)
		wait.Until(t, "the breaker is open", r.bus.Down)
		s := r.connects(uuid.New())

		wait.Until(t, "the subscription was tried four times", func() bool {
			info, err := admin.client.InfoMap(context.Background(), "commandstats").Result()
			if err != nil {
				t.Fatal(err)
			}
			_, rejected, _ := strings.Cut(info["Commandstats"]["cmdstat_subscribe"], "rejected_calls=")
			rejected, _, _ = strings.Cut(rejected, ",")
			n, _ := strconv.Atoi(rejected)
			return n >= 4
		})
		if n := len(log.containing("level=")); n != 1 {
			t.Errorf("%d log lines, want 1: %s", n, log.containing("level="))
		}
		admin.addParley()
		s.Expects("ready") // and no resync before it
	})
}

// TestOneWrongCommandIsNoOutage makes a key unusable, which rejects every command on it.
func TestOneWrongCommandIsNoOutage(t *testing.T) {
	server := startRedis(t)
	log := &lines{}
	r := newReplicaWith(t, server.URL, slog.New(slog.NewTextHandler(log, nil)), BusOptions{}, nil)
	ada, conversation := uuid.New(), uuid.New()
	s := r.connects(ada)
	s.Expects("ready")
	administratorOf(t, server.URL).do("SET " + tailKeys(conversation)[0] + " x")

	for i := range 20 {
		r.bus.Announce(context.Background(), message(conversation, ada, int64(i), "hi"), chat.ToPeople(ada))
	}
	wait.Until(t, "the rejection is logged", func() bool { return len(log.containing("rejected a command")) > 0 })
	if r.bus.Down() || len(log.containing("level=")) != 1 {
		t.Errorf("down %v, log %s", r.bus.Down(), log.containing("level="))
	}
}

// recordingRelay counts events of pages.
type recordingRelay struct {
	noRelay
	mu     sync.Mutex
	events int
}

func newRecordingRelay() *recordingRelay { return &recordingRelay{} }

func (r *recordingRelay) Notify(_ context.Context, events []chat.RelayEvent) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events += len(events)
	return nil
}

func (r *recordingRelay) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.events
}
