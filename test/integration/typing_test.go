package integration

import (
	"encoding/json"
	"testing"

	"parley/app/chat"
)

// TestTyping: typing is only sent to the other member, at a limited rate.
func TestTyping(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob, eve := r.signIn("Ada"), r.signIn("Bob"), r.signIn("Eve")
	conversation := ada.openConversation(bob)
	adaStream, bobStream, eveStream := ada.openStream(), bob.openStream(), eve.openStream()
	for range 3 {
		ada.post(conversation+"/typing", nil).expectStatus(204)
	}

	var e chat.TypingEvent
	if err := json.Unmarshal([]byte(bobStream.waitFor("typing")), &e); err != nil || e.Person != ada.ID ||
		"/conversations/"+e.ConversationID.String() != conversation {
		t.Errorf("Bob's event: %+v, error %v", e, err)
	}

	ada.send(conversation, "hi")
	bobStream.waitFor("message", "typing") // events above the rate limit were dropped
	adaStream.waitFor("message", "typing")
	eve.post(conversation+"/typing", nil).expectStatus(404)
	eve.send(eve.openConversation(ada), "hello")
	eveStream.waitFor("message", "typing")
	stranger := r.visitor()
	stranger.post(conversation+"/typing", nil).expectStatus(401)
}
