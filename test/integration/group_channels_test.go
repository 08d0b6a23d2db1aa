package integration

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/services"
	"parley/test/wait"
)

// channelGroup is a group with a channel of its own, whose rows a test writes itself.
type channelGroup struct {
	*instance
	id uuid.UUID
}

func (r *instance) newChannelGroup(members ...*person) *channelGroup {
	r.t.Helper()
	g := &channelGroup{r, chat.NewID()}
	r.exec(`INSERT INTO conversations (id, kind, name, members_count, channel)
		VALUES ($1, 'group', 'Choir', 9, true)`, g.id)
	for _, p := range members {
		r.exec("INSERT INTO members (conversation_id, user_id) VALUES ($1, $2)", g.id, p.ID)
	}
	return g
}

// announces tells all replicas that somebody has joined or left.
func (g *channelGroup) announces(p *person) {
	g.replica.Bus.Broadcast(context.Background(),
		chat.InvalidateEvent{Conversation: &g.id, Members: []uuid.UUID{p.ID}})
}

func (g *channelGroup) joins(p *person) {
	g.t.Helper()
	g.exec(`INSERT INTO members (conversation_id, user_id) VALUES ($1, $2)
		ON CONFLICT (conversation_id, user_id) DO UPDATE SET left_seq = NULL`, g.id, p.ID)
	g.announces(p)
}

func (g *channelGroup) leaves(p *person) {
	g.t.Helper()
	g.exec("UPDATE members SET left_seq = 0 WHERE conversation_id = $1 AND user_id = $2", g.id, p.ID)
	g.announces(p)
}

// says publishes an event to the group.
func (g *channelGroup) says() {
	g.replica.Bus.Publish(context.Background(),
		chat.ConversationEvent{ConversationID: g.id}, chat.ToConversation(g.id))
}

func (g *channelGroup) expectEvent(s *stream) {
	g.t.Helper()
	if data := s.waitFor("conversation"); !strings.Contains(data, g.id.String()) {
		g.t.Fatalf("event %s, want one of %s", data, g.id)
	}
}

// expectNoEvents waits until the group's events no longer reach a stream of the person.
func (g *channelGroup) expectNoEvents(p *person, s *stream) {
	g.t.Helper()
	wait.Until(g.t, "the group's events no longer arrive", func() bool {
		g.says()
		g.replica.Bus.Publish(context.Background(), chat.FriendEvent{State: chat.StateNone}, chat.ToPeople(p.ID))
		for reached := false; ; {
			select {
			case e, ok := <-s.events:
				if !ok {
					g.t.Fatal("the stream has ended")
				}
				if e.kind == "friend" {
					return !reached
				}
				reached = reached || e.kind == "conversation"
			case <-time.After(time.Second):
				return false // the event was lost while Redis went down or came back
			}
		}
	})
}

// TestGroupChannels: events of a large group reach its members on two replicas, those who join
// later too, and nobody who was removed, with Redis and without.
func TestGroupChannels(t *testing.T) {
	redis := startService(t, services.Redis)
	addresses := newAddresses(t)
	addresses.RedisURL = redis.URL
	one := startReplicaAt(t, addresses)
	two := startReplicaAt(t, addresses)
	ada, bob, eve := one.signIn("Ada"), one.signIn("Bob").onReplica(two), one.signIn("Eve")
	fay := one.signIn("Fay").onReplica(two)
	g := one.newChannelGroup(ada, bob, fay)

	streams := []*stream{ada.openStream(), bob.openStream(), fay.openStream()}
	g.says() // once, because a stream that is ready misses nothing
	for _, s := range streams {
		g.expectEvent(s)
	}

	late := eve.openStream()
	g.joins(eve)
	late.waitFor("resync", "conversation")
	g.says()
	for _, s := range append(streams, late) {
		g.expectEvent(s)
	}
	g.leaves(fay)
	g.expectNoEvents(fay, streams[2])

	redis.Kill()
	g.says() // finds Redis down
	for _, s := range []*stream{streams[0], streams[1], late} {
		s.waitForMode("redis")
	}
	g.leaves(bob)
	g.expectNoEvents(bob, streams[1])
	g.joins(fay)
	streams[2].waitForMode("redis")
	wait.Until(t, "the relay brings Fay's events", func() bool {
		g.says()
		return len(streams[2].events) > 0 && (<-streams[2].events).kind == "conversation"
	})

	must(t, redis.Start(context.Background()))
	for _, s := range []*stream{streams[0], streams[1], streams[2], late} {
		s.waitForMode()
	}
	wait.Until(t, "Redis brings Ada's events", func() bool {
		g.says()
		return len(streams[0].events) > 0 && (<-streams[0].events).kind == "conversation"
	})
	g.expectNoEvents(bob, streams[1])
}

// TestGroupChannelsAreReadAgain: who has joined or left without an event is found by the check.
func TestGroupChannelsAreReadAgain(t *testing.T) {
	t.Parallel()
	one, two := sharedPair(t)
	ada, bob := one.signIn("Ada"), one.signIn("Bob").onReplica(two)
	g := one.newChannelGroup(bob)
	joins, leaves := ada.openStream(), bob.openStream()
	g.exec("INSERT INTO members (conversation_id, user_id) VALUES ($1, $2)", g.id, ada.ID)
	g.exec("UPDATE members SET left_seq = 0 WHERE conversation_id = $1 AND user_id = $2", g.id, bob.ID)
	one.replica.RecheckFollows()
	two.replica.RecheckFollows()
	joins.waitFor("resync")
	g.says()
	g.expectEvent(joins)
	g.expectNoEvents(bob, leaves)
}
