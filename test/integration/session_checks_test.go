package integration

import (
	"context"
	"testing"

	"parley/app/chat"
	"parley/app/postgres/postgrestest"
)

// TestUnpublishedSessionEnd: if a session ends without an event, because the replica
// died after the commit or Redis was down, the next check closes its streams and
// drops it from the cache.
func TestUnpublishedSessionEnd(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada := r.signIn("Ada")
	other := ada.signInAgain(r, firefox)
	ended, stays := other.openStream(), ada.openStream()
	other.get("/account").expectStatus(200) // caches the session
	store := postgrestest.Open(t, r.addresses.DatabaseURL)
	// The stream receives this event after the invalidations by the sign-ins.
	r.replica.Bus.Broadcast(context.Background(), chat.ResyncEvent{})
	ended.waitFor("resync")
	if got := other.get("/account").status; got != 200 {
		t.Fatalf("request before the session is deleted: status %d", got)
	}

	for _, s := range ada.sessions() {
		if !s.Current {
			must(t, store.DeleteSession(context.Background(), s.ID))
		}
	}

	if got := other.get("/account").status; got != 200 {
		t.Fatalf("request of the deleted, cached session: status %d", got)
	}

	r.replica.RecheckSessions(context.Background())
	ended.waitFor("signout")
	ended.waitForEnd()
	other.get("/account").expectStatus(401)

	ada.post("/account/sessions/revoke-others", nil)
	r.replica.Hub.SetDown([]string{"redis"}) // an event for the stream that stays
	stays.waitFor("mode")
}

// TestSessionLastSeen: the last use of a session is written, but at most once a
// minute.
func TestSessionLastSeen(t *testing.T) {
	t.Parallel()
	r, two := sharedPair(t)
	ada := r.signIn("Ada")
	fresh := ada.sessions()[0].SeenAt
	r.replica.WriteSeen(context.Background())
	if got := ada.sessions()[0].SeenAt; !got.Equal(fresh) {
		t.Errorf("seen_at changed within a minute, to %v", got)
	}

	r.exec("UPDATE sessions SET seen_at = seen_at - interval '1 hour' WHERE user_id = $1", ada.ID)
	old := ada.sessions()[0].SeenAt
	// The second replica has not cached the session.
	if got := ada.onReplica(two).get("/account").status; got != 200 {
		t.Fatalf("status %d", got)
	}

	two.replica.WriteSeen(context.Background())
	if got := ada.sessions()[0].SeenAt; !got.After(old) {
		t.Errorf("seen_at is still %v", got)
	}
}
