package integration

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/app/chat"
	"parley/app/redis"
	"parley/app/replica"
	"parley/test/wait"
)

// startPresencePair starts two replicas on the same dependencies. The second one
// reaches Redis through a proxy.
func startPresencePair(t *testing.T) (one, two *instance, redisOfTwo *proxy) {
	t.Helper()
	addresses := newAddresses(t)
	one = startWithShortPresence(t, addresses)
	redisOfTwo, addresses.RedisURL = newProxy(t, addresses.RedisURL)
	return one, startWithShortPresence(t, addresses), redisOfTwo
}

// serveQuickly starts a replica with short intervals of presence.
func startWithShortPresence(t *testing.T, addresses replica.Addresses) *instance {
	t.Helper()
	return startReplicaWith(t, addresses, replica.Options{Presence: &redis.PresenceOptions{
		HeartbeatInterval: 50 * time.Millisecond,
		LeaseDuration:     400 * time.Millisecond,
		OfflineDelay:      time.Second,
		NotifyTimeout:     2 * time.Second,
		BatchDelay:        time.Millisecond,
	}})
}

// presenceOf is a friend's presence, in the list of friends.
func (p *person) presenceOf(friend *person) chat.Presence {
	p.t.Helper()
	var a struct{ Friends []chat.Friend }
	p.get("/friends").decode(&a, 200)
	for _, f := range a.Friends {
		if f.ID == friend.ID {
			return f.Presence
		}
	}

	p.t.Fatalf("%s is not in the list of friends", friend.Name)
	return ""
}

func TestPresenceOnTwoReplicas(t *testing.T) {
	t.Parallel()
	one, two, redisOfTwo := startPresencePair(t)
	ada, bob := one.signIn("Ada"), two.signIn("Bob")
	conversation := ada.openConversation(bob)
	if got := ada.presenceOf(bob); got != chat.Offline {
		t.Errorf("presence of Bob, who has no stream: %s", got)
	}

	adaStream := ada.openStream()
	bobStream := bob.openStream()
	adaStream.waitForPresence(bob, chat.Online)
	if got := ada.presenceOf(bob); got != chat.Online {
		t.Errorf("presence of Bob, who has a stream: %s", got)
	}
	if c := ada.read(conversation).Conversation; c.Peer(ada.ID).Presence != chat.Online {
		t.Errorf("presence of Bob in the conversation: %q", c.Peer(ada.ID).Presence)
	}

	for range 3 { // a reload ends one stream and begins another
		bobStream.close()
		bobStream = bob.openStream()
	}

	bob.post(conversation+"/typing", nil).expectStatus(204)
	adaStream.waitFor("typing", "presence")

	page := ada.get(conversation, "Accept", "text/html").body
	if !strings.Contains(page, `data-person="`+bob.ID.String()+`" data-presence="online"`) ||
		!strings.Contains(page, ">Active now<") {
		t.Error("the page does not show that Bob is active")
	}

	if list := ada.get("/people?q=bob").body; strings.Contains(list, "presence") {
		t.Errorf("people's search contains the presence: %s", list)
	}

	redisOfTwo.close() // for Redis and the other replica, replica two is dead
	adaStream.waitForPresence(bob, chat.Offline)
	page = ada.get(conversation, "Accept", "text/html").body
	if strings.Contains(page, `data-presence="online"`) || !strings.Contains(page, ">Active today<") {
		t.Error("the page does not show that Bob was active today")
	}

	bob.instance = one // his browser goes to the other replica
	bobStream = bob.openStream()
	adaStream.waitForPresence(bob, chat.Online)
	bobStream.close()
	for range 3 {
		ada.send(conversation, "Are you there?") // what can't be written to him shows that he isn't
	}

	adaStream.waitForPresence(bob, chat.Offline)
}

func TestWhoDoesntShareIsOfflineToAll(t *testing.T) {
	t.Parallel()
	one, two, _ := startPresencePair(t)
	ada, bob := one.signIn("Ada"), two.signIn("Bob")
	conversation := ada.openConversation(bob)
	one.exec("UPDATE users SET share_presence = false WHERE id = $1", bob.ID)
	adaStream := ada.openStream()
	bobStream := bob.openStream()
	bob.post(conversation+"/typing", nil).expectStatus(204) // typing he shares
	adaStream.waitFor("typing", "presence")
	if got := ada.presenceOf(bob); got != chat.Offline {
		t.Errorf("Bob's presence for Ada: %s", got)
	}
	if got := bob.presenceOf(ada); got != chat.PresenceUnknown {
		t.Errorf("Ada's presence for Bob: %s", got)
	}

	bobStream.close()
	cleo := two.signIn("Cleo")
	cleo.openConversation(ada)
	cleoStream := cleo.openStream()
	adaStream.waitForPresence(cleo, chat.Online) // and not that Bob went
	cleoStream.close()
	if page := ada.get(conversation, "Accept", "text/html").body; strings.Contains(page, ">Active") {
		t.Error("the page shows when Bob was active")
	}
}

func TestTypingReachesOnlyThePeer(t *testing.T) {
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
	bobStream.waitFor("message", "typing") // what came too often was dropped
	adaStream.waitFor("message", "typing")
	eve.post(conversation+"/typing", nil).expectStatus(404)
	eve.send(eve.openConversation(ada), "hello")
	eveStream.waitFor("message", "typing")
	stranger := r.visitor()
	stranger.post(conversation+"/typing", nil).expectStatus(401)
}

func TestDraftsFollowAPerson(t *testing.T) {
	t.Parallel()
	one, two := sharedPair(t)
	ada, bob := one.signIn("Ada"), one.signIn("Bob")
	conversation, other := ada.openConversation(bob), ada.openConversation(one.signIn("Cleo"))
	client := chat.NewID().String()
	save := func(body string) {
		t.Helper()
		ada.post(conversation+"/draft", url.Values{"body": {body}, "client_id": {client}}).expectStatus(204)
	}

	save("Half a <b>thought</b>")

	phone := two.signIn("Ada")
	page := phone.get(conversation, html...).body
	for _, want := range []string{">Half a &lt;b&gt;thought&lt;/b&gt;</textarea>", `name="client_id" value="` + client + `"`, `name="draft" value="` + client + `"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page on another device lacks %s", want)
		}
	}

	if strings.Contains(page, `class="draft"`) {
		t.Error("the open conversation's row repeats the draft of the composer")
	}
	if page := phone.get(other, html...).body; !strings.Contains(page, `<b class="draft">Draft:</b> Half a &lt;b&gt;thought`) {
		t.Error("the list does not show the draft")
	}
	if page := bob.get(conversation, html...).body; strings.Contains(page, "Half a") {
		t.Error("Bob sees Ada's draft")
	}
	if c := phone.read(conversation).Conversation; c.Draft.Body != "Half a <b>thought</b>" {
		t.Errorf("draft in JSON: %+v", c.Draft)
	}

	// Without a script: the form posts what the page gave it.
	sent := phone.post(conversation+"/messages", url.Values{"body": {"A whole thought"}, "client_id": {client}, "draft": {client}}, html...)
	if sent.status != http.StatusSeeOther {
		t.Fatalf("send: status %d", sent.status)
	}

	wait.Until(t, "the draft is deleted", func() bool { return phone.read(conversation).Conversation.Draft.Body == "" })
	save("Half a tho") // late
	page = phone.get(conversation, html...).body
	if strings.Contains(page, "Half a") || !strings.Contains(page, "A whole thought") {
		t.Error("the draft reappeared after its message was sent")
	}
	if strings.Contains(page, `name="client_id" value="`+client) {
		t.Error("the composer has the client id of the sent message")
	}

	bob.post("/conversations/"+chat.NewID().String()+"/draft", url.Values{"body": {"x"}}).expectStatus(404)
	ada.post(conversation+"/draft", url.Values{"body": {strings.Repeat("x", chat.MaxBodyBytes+1)}}).expectStatus(422)
	ada.post(conversation+"/draft", url.Values{"body": {" "}}).expectStatus(204)
}
