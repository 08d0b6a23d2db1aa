package integration

import (
	"testing"
)

// TestUnpublishedUnfriend: if a friendship ends without an event, the next check
// drops it from the caches.
func TestUnpublishedUnfriend(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, _, conversation := r.signInFriends()
	ada.send(conversation, "cached")
	ada.openStream()
	r.exec("DELETE FROM friendships WHERE $1 IN (low_id, high_id)", ada.ID)
	ada.send(conversation, "still cached")
	r.replica.RecheckMemberships(t.Context())
	body := messageForm("hi")
	ada.post(conversation+"/messages", body).expectStatus(403)
}
