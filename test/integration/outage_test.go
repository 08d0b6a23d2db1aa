package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/app/postgres/postgrestest"
	"parley/app/replica"
	"parley/app/status"
	"parley/app/telemetry"
	"parley/test/services"
	"parley/test/wait"
)

// theShared are the parts that all tests use, with names of the test's own.
func theShared(t *testing.T) replica.Addresses {
	t.Helper()
	return replica.Addresses{
		DatabaseURL: postgrestest.URL(t), RedisURL: need(t, "PARLEY_TEST_REDIS_URL"), KafkaBrokers: need(t, "PARLEY_TEST_KAFKA_BROKERS"), Suffix: "-" + uuid.NewString()[:8],
	}
}

// ofOurOwn starts a part that can be hurt.
func ofOurOwn(t *testing.T, make func(dir string) *services.Service) *services.Service {
	t.Helper()
	dir, err := os.MkdirTemp("", "parley-node-") // t.TempDir is out of reach for Postgres' user
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := make(dir)
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}

// hearsResyncOf waits until the page is told to fetch a conversation.
func (l *listener) hearsResyncOf(conversation string) {
	l.t.Helper()
	for {
		var e chat.ResyncEvent
		if err := json.Unmarshal([]byte(l.hears("resync")), &e); err != nil {
			l.t.Fatal(err)
		}
		if e.ConversationID != nil && "/conversations/"+e.ConversationID.String() == conversation {
			return
		}
	}
}

func (l *listener) hearsMode(down ...string) {
	l.t.Helper()
	want, _ := json.Marshal(chat.ModeEvent{Down: append([]string{}, down...)})
	for l.hears("mode") != string(want) {
	}
}

func (r *instance) mode(component string) status.Dependency {
	for _, m := range r.replica.Dependencies() {
		if m.Name == component {
			return m
		}
	}
	r.t.Fatalf("no component %s", component)
	return status.Dependency{}
}

// banner is what a page says of what is away.
func (p *person) banner(path string) string {
	p.t.Helper()
	b := p.opensPage(path).Find("#banner")
	if _, hidden := b.Attr("hidden"); hidden {
		return ""
	}
	return words(b)
}

// has checks that a conversation has these messages, stored, none missing and in this order.
func (p *person) has(talk string, bodies ...string) {
	p.t.Helper()
	wait.Until(p.t, "all is stored", func() bool {
		h := p.reads(talk)
		return h.Complete && len(h.Messages) >= len(bodies) && len(h.Pending) == 0
	})
	h := p.reads(talk)
	if len(h.Messages) != len(bodies) {
		p.t.Fatalf("%d messages, want %d", len(h.Messages), len(bodies))
	}
	for i, m := range h.Messages {
		if m.Body != bodies[i] || *m.Seq != int64(i+1) {
			p.t.Errorf("message %d is %d %q, want %q", i+1, *m.Seq, m.Body, bodies[i])
		}
	}
}

func TestWithoutRedisNewsGoAsHints(t *testing.T) {
	t.Parallel()
	redis := ofOurOwn(t, services.Redis)
	at := theShared(t)
	at.RedisURL = redis.URL
	one, two := startReplicaAt(t, at), startReplicaAt(t, at)
	ada, bob, eve := one.signIn("Ada"), two.signIn("Bob"), one.signIn("Eve")
	phone := ada.at(two, iphone)
	talk := ada.opens(bob)
	ada.sends(talk, "live")
	his, hers, onPhone := bob.listens(), ada.listens(), phone.listens()

	redis.Kill()
	ada.sends(talk, "by hint")
	his.hearsResyncOf(talk)
	hers.hearsResyncOf(talk) // those on the sender's replica too
	bob.has(talk, "live", "by hint")
	wait.Until(t, "his page says so", func() bool { return slices.Equal(two.replica.Down(), []string{"redis"}) })
	if got := bob.banner(talk); got != "We can’t tell who is active. Messages come and go as always." {
		t.Errorf("the page says %q", got)
	}

	late := bob.elsewhere(one).listensUnready() // the first of his there
	late.hears("resync")
	bob.sends(talk, "and back")
	late.hearsResyncOf(talk)
	eve.asks(bob)
	his.hears("request")
	for _, s := range ada.sessions() {
		if s.Device == "Safari on iPhone" {
			ada.post("/account/sessions/"+s.ID.String()+"/revoke", nil).is(204)
		}
	}
	onPhone.hears("signout")
	onPhone.ends()
	if got := phone.get("/account").status; got != 401 {
		t.Errorf("the revoked session: %d", got)
	}

	if err := redis.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	his.hearsMode()
	if got := bob.banner(talk); got != "" {
		t.Errorf("the page still says %q", got)
	}
	late.hears("ready")
	wait.Until(t, "both replicas have Redis again", func() bool { return !one.replica.Bus.Down() && !two.replica.Bus.Down() })
	ada.sends(talk, "live again")
	for _, s := range []*listener{his, late} {
		if got := s.hears("message"); !strings.Contains(got, "live again") {
			t.Errorf("heard %s", got)
		}
	}
	bob.has(talk, "live", "by hint", "and back", "live again")
	if m := two.mode("redis"); m.Entered != 1 || !m.Since.IsZero() || m.Lasted == 0 {
		t.Errorf("the mode was %+v", m)
	}
}

// TestAHungPostgresHoldsNobodyUp who has been here before: they talk, and all of it is stored later.
func TestAHungPostgresHoldsNobodyUp(t *testing.T) {
	server := ofOurOwn(t, services.Postgres)
	t.Setenv("PARLEY_TEST_DATABASE_URL", server.URL)
	r := startReplicaAt(t, theShared(t))
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	talk := ada.opens(bob)
	said := []string{"before"}
	ada.sendsStored(talk, "before")
	his := bob.listens()
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		body := fmt.Sprint("meanwhile ", i)
		ada.sends(talk, body)
		if got := his.hears("message"); !strings.Contains(got, body) {
			t.Fatalf("heard %s", got)
		}
		said = append(said, body)
	}
	his.hearsMode("postgres")
	if h := bob.reads(talk); h.Complete || len(h.Pending) != 30 {
		t.Errorf("the tail has %d, complete is %v", len(h.Pending), h.Complete)
	}
	if got := bob.banner(talk); got != "Older messages are out of reach. You can talk as always, and nothing is lost." {
		t.Errorf("the page says %q", got)
	}
	bob.get("/readyz").is(200)
	if got := bob.get("/people?q=ada"); got.status != 503 || got.header.Get("Retry-After") == "" {
		t.Errorf("what needs Postgres: %d %s", got.status, got.body)
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	his.hearsMode()
	bob.has(talk, said...)
	if got := bob.banner(talk); got != "" {
		t.Errorf("the page still says %q", got)
	}
	if m := r.mode("postgres"); m.Entered != 1 || !m.Since.IsZero() {
		t.Errorf("the mode was %+v", m)
	}
}

// TestAFailoverLosesNothing: for a while the database only reads.
func TestAFailoverLosesNothing(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada, bob, eve := r.signIn("Ada"), r.signIn("Bob"), r.signIn("Eve")
	talk := ada.opens(bob)
	ada.sendsStored(talk, "before")
	his := bob.listens()
	r.onlyReads("on")
	said := []string{"before"}
	for i := range 20 {
		body := fmt.Sprint("meanwhile ", i)
		ada.sends(talk, body)
		said = append(said, body)
	}
	his.hearsMode("postgres")
	if got := eve.post("/requests", url.Values{"person": {bob.ID.String()}}); got.status != 503 {
		t.Errorf("a write while it only reads: %d %s", got.status, got.body)
	}
	r.onlyReads("off")
	his.hearsMode()
	bob.has(talk, said...)
	eve.asks(bob)
}

// onlyReads makes every connection to the database one that only reads, or none.
func (r *instance) onlyReads(on string) {
	r.t.Helper()
	cfg, err := pgx.ParseConfig(r.at.DatabaseURL)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, need(r.t, "PARLEY_TEST_DATABASE_URL"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, sql := range []string{
		"ALTER DATABASE " + cfg.Database + " SET default_transaction_read_only = " + on,
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + cfg.Database + "'",
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			r.t.Fatal(err)
		}
	}
}

// TestTwoAtOnce: without Kafka and Redis, messages are stored directly and found by hints; without Kafka and Postgres, none are taken.
func TestTwoAtOnce(t *testing.T) {
	redis, server := ofOurOwn(t, services.Redis), ofOurOwn(t, services.Postgres)
	t.Setenv("PARLEY_TEST_DATABASE_URL", server.URL)
	at := theShared(t)
	at.RedisURL, at.KafkaBrokers = redis.URL, "127.0.0.1:1"
	c, settings := startReceiver(t)
	r := startReplicaAt(t, at, settings...)
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	talk := ada.opens(bob)
	direct := ada.sends(talk, "without Kafka")
	wait.Until(t, "who stored it is known, and when", func() bool {
		f, err := r.replica.TraceMessage(context.Background(), direct.ID)
		return err == nil && f.StoredBy == r.replica.Name && !f.StoredAt.IsZero() && f.Seq == 1
	})
	wait.Until(t, "its trace has that it was stored", func() bool {
		spans := c.of(telemetry.TraceID(direct.ID))
		return spans["send"] != nil && spans["store"] != nil && string(spans["store"].ParentSpanId) == string(spans["send"].SpanId)
	})
	his := bob.listens()
	if got := bob.banner(talk); got != "Sending may take a second longer. Every message is still kept." {
		t.Errorf("without Kafka the page says %q", got)
	}

	redis.Kill()
	ada.sends(talk, "without Redis too")
	his.hearsMode("redis", "kafka")
	his.hearsResyncOf(talk)
	bob.has(talk, "without Kafka", "without Redis too")
	if got := bob.banner(talk); got != "Sending may take a second longer. Every message is still kept. We can’t tell who is active." {
		t.Errorf("without both the page says %q", got)
	}
	if err := redis.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	his.hearsMode("kafka")

	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	his.hearsMode("postgres", "kafka")
	got := ada.post(talk+"/messages", url.Values{"body": {"nowhere to keep"}, "client_id": {chat.NewID().String()}})
	if got.status != 503 || !strings.Contains(got.body, `"type":"not-sent"`) || !strings.Contains(got.body, "Not sent. Your words are kept here.") || got.header.Get("Retry-After") == "" {
		t.Errorf("without a durable path: %d %s", got.status, got.body)
	}
	ready := bob.get("/readyz")
	if ready.is(503); !strings.Contains(ready.body, "no durable path") {
		t.Errorf("readiness: %s", ready.body)
	}
	if got := bob.banner(talk); got != "Messages can’t be kept just now, so none are taken. What you write stays in the box." {
		t.Errorf("without a durable path the page says %q", got)
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	his.hearsMode("kafka")
	bob.get("/readyz").is(200)
	ada.sends(talk, "kept again")
	bob.has(talk, "without Kafka", "without Redis too", "kept again")
}
