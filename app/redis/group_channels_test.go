package redis

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/sse/ssetest"
	"parley/test/wait"
)

// follower opens a stream that is ready and follows groups, after their resync.
func (r *replica) follower(groups ...uuid.UUID) (person uuid.UUID, s *ssetest.Reader) {
	r.t.Helper()
	person = uuid.New()
	s = r.connects(person)
	s.Expects("ready")
	r.hub.Follow(person, groups)
	s.Expects("resync")
	return person, s
}

// TestGroupChannels: an event of a group reaches each follower once, on every replica.
func TestGroupChannels(t *testing.T) {
	ctx := context.Background()
	one, two := newReplica(t, redisURL(t)), newReplica(t, redisURL(t))
	var groups []uuid.UUID
	for range 40 { // more than there are buckets
		groups = append(groups, uuid.New())
	}
	ada, here := one.follower(groups...)
	_, second := one.follower(groups[:20]...)
	bob, there := two.follower(groups...)

	for i, group := range groups {
		one.bus.Publish(ctx, chat.StoredEvent{ConversationID: group, From: 1, To: int64(i)}, chat.ToConversation(group))
	}
	seen := map[string]bool{}
	for range groups { // different buckets have no common order
		seen[here.Reads()] = true
		there.Reads()
	}
	if len(seen) != len(groups) {
		t.Errorf("%d different events, want %d", len(seen), len(groups))
	}
	for range 20 {
		second.Reads()
	}

	two.bus.Announce(ctx, message(groups[0], ada, 0, "hi"), chat.ToConversation(groups[0]))
	here.Expects("message hi own=true")
	second.Expects("message hi own=false")
	there.Expects("message hi own=false")

	two.hub.Follow(bob, groups[1:])
	one.bus.Publish(ctx, chat.TypingEvent{ConversationID: groups[0]}, chat.ToConversation(groups[0]))
	here.Expects("typing")
	two.hub.Follow(bob, groups) // again, at once
	for got := there.Reads(); got != "resync"; got = there.Reads() {
		if got != "typing" { // on its way when the subscription ended
			t.Fatalf("read %q, want a resync event", got)
		}
	}
	one.bus.Publish(ctx, chat.TypingEvent{ConversationID: groups[0]}, chat.ToConversation(groups[0]))
	here.Expects("typing")
	there.Expects("typing")
}

// TestLostGroupChannelsResyncOnce: a stream that follows many groups fetches once, when the lost
// connection is back.
func TestLostGroupChannelsResyncOnce(t *testing.T) {
	ctx, r := context.Background(), newReplica(t, startRedis(t).URL)
	groups := []uuid.UUID{uuid.New(), uuid.New(), uuid.New(), uuid.New()}
	ada, s := r.follower(groups...)
	if err := r.bus.client.ClientKillByFilter(ctx, "TYPE", "pubsub").Err(); err != nil {
		t.Fatal(err)
	}
	s.Expects("resync")
	for _, group := range groups {
		r.bus.Publish(ctx, chat.TypingEvent{ConversationID: group}, chat.ToConversation(group))
	}
	r.bus.Publish(ctx, chat.FriendEvent{}, chat.ToPeople(ada))
	s.Expects("typing", "typing", "typing", "typing", "friend")
}

// TestAGroupIsFollowedDuringAnOutage: the confirmation comes with the next connection.
func TestAGroupIsFollowedDuringAnOutage(t *testing.T) {
	ctx, server := context.Background(), startRedis(t)
	r, group := newReplica(t, server.URL), uuid.New()
	ada := uuid.New()
	s := r.connects(ada)
	s.Expects("ready")
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	r.hub.Follow(ada, []uuid.UUID{group})
	wait.Until(t, "the connection is lost", func() bool { return r.bus.Down() })
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	s.Expects("resync")
	wait.Until(t, "events arrive again", func() bool {
		r.bus.Publish(ctx, chat.StoredEvent{From: 1, To: 1}, chat.ToConversation(group))
		return s.Reads() == "stored 1-1"
	})
}
