package integration

import (
	"testing"

	"github.com/google/uuid"

	"parley/test/wait"
)

// TestServedWithoutPostgres: while it is away, a replica that never saw a person lets them send and read what waits, and nobody whose session ended,
// or whom it doesn't know.
func TestServedWithoutPostgres(t *testing.T) {
	t.Parallel()
	one := startReplica(t)
	addresses := one.addresses
	var postgres *proxy
	postgres, addresses.DatabaseURL = newProxy(t, one.addresses.DatabaseURL)
	two := startReplicaAt(t, addresses)
	ada, bob := one.signIn("Ada"), one.signIn("Bob")
	conversation := ada.openConversation(bob)
	left := ada.signInAgain(one, iphone)
	left.get("/account").expectStatus(200)
	ada.send(conversation, "known on the first replica")
	ada.post("/account/sessions/revoke-others", nil).expectStatus(204)
	stranger := one.signIn("Eve") // who never came back after signing in

	postgres.close()
	there := ada.onReplica(two)
	sent := there.send(conversation, "without Postgres")
	page := there.read(conversation)
	if page.Complete || len(page.Pending) == 0 || page.Pending[len(page.Pending)-1].ID != sent.ID {
		t.Errorf("page without PostgreSQL: %+v", page)
	}

	again := messageForm("hi")
	for who, p := range map[string]*person{"whose session ended": left, "who isn't known": stranger} {
		if got := p.onReplica(two).post(conversation+"/messages", again); got.status != 503 ||
			got.header.Get("Retry-After") == "" {
			t.Errorf("person %s: status %d, header %v", who, got.status, got.header)
		}
	}

	if got := there.get("/conversations/" + uuid.NewString()); got.status != 503 {
		t.Errorf("unknown conversation: status %d", got.status)
	}

	postgres.open()
	wait.Until(t, "both messages are stored once", func() bool {
		got := there.get(conversation)
		return got.status == 200 && len(there.read(conversation).Messages) == 2 &&
			len(there.read(conversation).Pending) == 0
	})
}

// TestUnheardChange: a friendship that ended without a word leaves the caches by the next check.
func TestUnheardChange(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	conversation := ada.openConversation(bob)
	ada.send(conversation, "cached")
	ada.openStream()
	r.exec("DELETE FROM friendships WHERE $1 IN (low_id, high_id)", ada.ID)
	ada.send(conversation, "still cached")
	r.replica.RecheckMemberships(t.Context())
	body := messageForm("hi")
	if got := ada.post(conversation+"/messages", body); got.status != 403 {
		t.Errorf("send after the membership ended: status %d", got.status)
	}
}
