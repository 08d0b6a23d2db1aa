package integration

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"parley/app/postgres/postgrestest"
	"parley/test/services"
	"parley/test/wait"
)

// TestRelayWithoutRedis: while Redis is down, relay events make pages on all
// replicas fetch what they miss.
func TestRelayWithoutRedis(t *testing.T) {
	t.Parallel()
	redis := startService(t, services.Redis)
	addresses := newAddresses(t)
	addresses.RedisURL = redis.URL
	one, two := startReplicaAt(t, addresses), startReplicaAt(t, addresses)
	ada, bob, eve := one.signIn("Ada"), two.signIn("Bob"), one.signIn("Eve")
	phone := ada.signInAgain(two, iphone)
	conversation := ada.openConversation(bob)
	ada.send(conversation, "live")
	bobStream, adaStream, phoneStream := bob.openStream(), ada.openStream(), phone.openStream()

	redis.Kill()
	ada.send(conversation, "by relay")
	bobStream.waitForResync(conversation)
	adaStream.waitForResync(conversation) // streams at the sender's replica need it, too
	bob.expectMessages(conversation, "live", "by relay")
	wait.Until(t, "Bob's replica reports Redis as down", func() bool {
		return slices.Equal(two.replica.Down(), []string{"redis"})
	})
	bob.expectBanner(conversation, "We can’t tell who is active. Messages come and go as always.")

	bobStreamAtOne := bob.onReplica(one).openStreamUnready() // his first stream at this replica
	bobStreamAtOne.waitFor("resync")
	bob.send(conversation, "and back")
	bobStreamAtOne.waitForResync(conversation)
	eve.requestFriend(bob)
	bobStream.waitFor("request")
	for _, s := range ada.sessions() {
		if s.Device == "Safari on iPhone" {
			ada.post("/account/sessions/"+s.ID.String()+"/revoke", nil).expectStatus(204)
		}
	}

	phoneStream.waitFor("signout")
	phoneStream.waitForEnd()
	phone.get("/account").expectStatus(401)

	must(t, redis.Start(context.Background()))
	bobStream.waitForMode()
	bob.expectBanner(conversation, "")

	bobStreamAtOne.waitFor("ready")
	wait.Until(t, "Redis is up for both replicas", func() bool {
		return !one.replica.Bus.Down() && !two.replica.Bus.Down()
	})

	ada.send(conversation, "live again")
	for _, s := range []*stream{bobStream, bobStreamAtOne} {
		if got := s.waitFor("message"); !strings.Contains(got, "live again") {
			t.Errorf("event: %s", got)
		}
	}

	bob.expectMessages(conversation, "live", "by relay", "and back", "live again")
	if m := two.dependency("redis"); m.Entered != 1 || !m.Since.IsZero() || m.Lasted == 0 {
		t.Errorf("dependency after the recovery: %+v", m)
	}
}

// TestHungPostgres: while PostgreSQL hangs, people whose sessions are cached send
// and receive, and all messages are stored later.
func TestHungPostgres(t *testing.T) {
	t.Parallel()
	server := postgrestest.Server(t)
	r := startReplicaAt(t, newAddressesAt(t, server.URL))
	ada, bob, conversation := r.signInFriends()
	sent := []string{"before"}
	ada.sendStored(conversation, "before")
	bobStream := bob.openStream()

	must(t, server.Pause())
	for i := range 30 {
		body := fmt.Sprint("meanwhile ", i)
		ada.send(conversation, body)
		if got := bobStream.waitFor("message"); !strings.Contains(got, body) {
			t.Fatalf("event: %s", got)
		}
		sent = append(sent, body)
	}

	bobStream.waitForMode("postgres")
	if h := bob.read(conversation); h.Complete || len(h.Pending) != 30 {
		t.Errorf("%d pending messages, complete %v", len(h.Pending), h.Complete)
	}
	bob.expectBanner(conversation,
		"Older messages are out of reach. You can talk as always, and nothing is lost.")

	bob.get("/readyz").expectStatus(200)
	if got := bob.get("/people?q=ada"); got.status != 503 || got.header.Get("Retry-After") == "" {
		t.Errorf("search without PostgreSQL: status %d: %s", got.status, got.body)
	}

	must(t, server.Resume())
	bobStream.waitForMode()
	bob.expectMessages(conversation, sent...)
	bob.expectBanner(conversation, "")
	if m := r.dependency("postgres"); m.Entered != 1 || !m.Since.IsZero() {
		t.Errorf("dependency after the recovery: %+v", m)
	}
}

// TestPostgresFailover: no message is lost while the database is read-only.
func TestPostgresFailover(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada, bob, eve := r.signIn("Ada"), r.signIn("Bob"), r.signIn("Eve")
	conversation := ada.openConversation(bob)
	ada.sendStored(conversation, "before")
	bobStream := bob.openStream()
	r.setReadOnly(true)
	sent := []string{"before"}
	for i := range 20 {
		body := fmt.Sprint("meanwhile ", i)
		ada.send(conversation, body)
		sent = append(sent, body)
	}

	bobStream.waitForMode("postgres")
	eve.post("/requests", url.Values{"person": {bob.ID.String()}}).expectStatus(503)

	r.setReadOnly(false)
	bobStream.waitForMode()
	bob.expectMessages(conversation, sent...)
	eve.requestFriend(bob)
}
