package integration

import (
	"strings"
	"testing"
	"time"

	"parley/app/chat"
	"parley/app/redis"
	"parley/app/replica"
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

// startWithShortPresence starts a replica with short leases and delays of presence.
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

// presenceOf returns a friend's presence in the list of friends.
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

// TestPresenceOnTwoReplicas: friends see each other's presence across replicas, and
// a replica that dies takes its people offline.
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

	for range 3 { // a reload closes one stream and opens another
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
	if strings.Contains(page, `data-presence="online"`) || !strings.Contains(page, ">Active a few minutes ago<") {
		t.Error("the page does not show when Bob was active")
	}

	bob.instance = one // his browser reconnects to the other replica
	bobStream = bob.openStream()
	adaStream.waitForPresence(bob, chat.Online)
	bobStream.close()
	for range 3 {
		ada.send(conversation, "Are you there?") // a failed write shows that his stream is closed
	}

	adaStream.waitForPresence(bob, chat.Offline)
}

// TestHiddenPresence: a person who hides their presence is offline for everybody and
// sees no presence of others.
func TestHiddenPresence(t *testing.T) {
	t.Parallel()
	one, two, _ := startPresencePair(t)
	ada, bob := one.signIn("Ada"), two.signIn("Bob")
	conversation := ada.openConversation(bob)
	one.exec("UPDATE users SET share_presence = false WHERE id = $1", bob.ID)
	adaStream := ada.openStream()
	bobStream := bob.openStream()
	bob.post(conversation+"/typing", nil).expectStatus(204) // he shares typing
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
	adaStream.waitForPresence(cleo, chat.Online) // the first presence event, so Bob's end is not published
	cleoStream.close()
	if page := ada.get(conversation, "Accept", "text/html").body; strings.Contains(page, ">Active") {
		t.Error("the page shows when Bob was active")
	}
}
