package integration

import (
	"testing"

	"github.com/google/uuid"

	"parley/test/wait"
)

// TestServiceWithoutPostgres: while PostgreSQL is down, a replica without a cached
// session still lets people send and read pending messages, but nobody whose session
// has ended or is unknown.
func TestServiceWithoutPostgres(t *testing.T) {
	t.Parallel()
	one := startReplica(t)
	addresses := one.addresses
	var postgres *proxy
	postgres, addresses.DatabaseURL = newProxy(t, one.addresses.DatabaseURL)
	two := startReplicaAt(t, addresses)
	ada, _, conversation := one.signInFriends()
	ended := ada.signInAgain(one, iphone)
	ended.get("/account").expectStatus(200)
	ada.send(conversation, "known on the first replica")
	ada.post("/account/sessions/revoke-others", nil).expectStatus(204)
	stranger := one.signIn("Eve") // her session was never used

	postgres.close()
	there := ada.onReplica(two)
	sent := there.send(conversation, "without Postgres")
	page := there.read(conversation)
	if page.Complete || len(page.Pending) == 0 || page.Pending[len(page.Pending)-1].ID != sent.ID {
		t.Errorf("page without PostgreSQL: %+v", page)
	}

	again := messageForm("hi")
	for who, p := range map[string]*person{"whose session ended": ended, "whose session is unknown": stranger} {
		if got := p.onReplica(two).post(conversation+"/messages", again); got.status != 503 ||
			got.header.Get("Retry-After") == "" {
			t.Errorf("person %s: status %d, header %v", who, got.status, got.header)
		}
	}

	there.get("/conversations/" + uuid.NewString()).expectStatus(503)

	postgres.open()
	wait.Until(t, "both messages are stored once", func() bool {
		got := there.get(conversation)
		return got.status == 200 && len(there.read(conversation).Messages) == 2 &&
			len(there.read(conversation).Pending) == 0
	})
}
