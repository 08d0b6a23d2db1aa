package sse_test

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/sse/ssetest"
	"parley/test/wait"
)

// TestReadyWaitsForAllChannels: whichever confirmation is the last.
func TestReadyWaitsForAllChannels(t *testing.T) {
	ada, one, two := uuid.New(), uuid.New(), uuid.New()
	steps := []func(*fixture){
		func(f *fixture) { f.Subscribed(chat.Channel{Person: ada}) },
		func(f *fixture) { f.Subscribed(channelOf(one)) },
		func(f *fixture) { f.Subscribed(channelOf(two)) },
	}
	for last := range steps {
		f := newFixture(t)
		r := ssetest.Connect(t, f.Hub, ssetest.StreamOf(ada))
		f.Follow(ada, []uuid.UUID{one, two, one})
		for i, step := range steps {
			if i != last {
				step(f)
			}
		}
		f.marks(ada, r) // and no ready event before it
		steps[last](f)
		r.Expects("ready")
		f.marks(ada, r)
	}

	f := newFixture(t)
	r := f.opens(ada)
	f.marks(ada, r)
	f.Follow(ada, nil)
	r.Expects("ready")
	second := ssetest.Connect(t, f.Hub, ssetest.StreamOf(ada))
	second.Expects("ready")
	if len(f.arrived) != 1 || f.subscribed(chat.Channel{Person: ada}) != 1 {
		t.Errorf("read %d times, %d subscriptions, want 1 and 1", len(f.arrived), f.subscribed(chat.Channel{Person: ada}))
	}
}

// TestEventsOfAConversation: an event reaches the followers alone, and is rendered once per
// format for its author and once for the others.
func TestEventsOfAConversation(t *testing.T) {
	f, choir := newFixture(t), uuid.New()
	ada, eve := uuid.New(), uuid.New()
	author := []*ssetest.Reader{f.follows(ada, choir), ssetest.Connect(t, f.Hub, ssetest.StreamOf(ada))}
	author[1].Expects("ready")
	var others []*ssetest.Reader
	for range 20 {
		person := uuid.New()
		f.Follow(person, []uuid.UUID{choir}) // without an effect
		others = append(others, f.opens(person))
		f.Follow(person, []uuid.UUID{choir})
		others[len(others)-1].Expects("ready")
	}

	page := ssetest.Connect(t, f.Hub, chat.Stream{Person: ada, Session: ada, Address: netip.MustParseAddr("127.0.0.1")})
	page.Expects("ready", "mode")
	stranger := f.opens(eve)
	f.Follow(eve, nil)
	stranger.Expects("ready")
	if n := f.subscribed(channelOf(choir)); n != 1 {
		t.Errorf("%d subscriptions, want 1", n)
	}

	m := message("hi")
	m.Sender.ID = ada
	f.Deliver(channelOf(choir), chat.MessageEvent{Message: m})
	f.Deliver(channelOf(choir), chat.ResyncEvent{})
	for _, r := range append(author, page) {
		r.Expects("message hi own=true", "resync")
	}
	for _, r := range others {
		r.Expects("message hi own=false", "resync")
	}
	f.marks(eve, stranger)

	f.mu.Lock()
	defer f.mu.Unlock()
	want := map[string]int{"message0true": 1, "message1true": 1, "message1false": 1}
	for kind, n := range f.rendered {
		if kind[:3] == "mes" && n != want[kind] {
			t.Errorf("%s is rendered %d times, want %d", kind, n, want[kind])
		}
	}
	if !slices.Equal(f.delivered, []int{23}) {
		t.Errorf("delivered %v, want one delivery to 23 streams", f.delivered)
	}
}

// TestFollowsChange: who leaves gets nothing any more, who joins gets a resync, and the channel is
// kept while anybody follows it.
func TestFollowsChange(t *testing.T) {
	f, choir, club := newFixture(t), uuid.New(), uuid.New()
	ada, bob := uuid.New(), uuid.New()
	of := map[uuid.UUID]*ssetest.Reader{ada: f.follows(ada, choir), bob: f.follows(bob, choir)}
	of[ada].Expects("resync") // both by the second confirmation
	of[bob].Expects("resync")

	f.Follow(ada, nil)
	f.Deliver(channelOf(choir), chat.ConversationEvent{})
	of[bob].Expects("conversation")
	f.marks(ada, of[ada])

	f.Follow(ada, []uuid.UUID{choir}) // again, confirmed
	of[ada].Expects("resync")
	f.Follow(ada, []uuid.UUID{choir, club})
	f.marks(ada, of[ada])
	f.Subscribed(channelOf(club))
	of[ada].Expects("resync")
	f.Follow(ada, []uuid.UUID{club, choir})
	f.marks(ada, of[ada]) // nothing has changed

	of[ada].Conn.Close()
	wait.Until(t, "the last follower's channels are given up", func() bool {
		return f.subscribed(channelOf(club)) == 0 && f.subscribed(chat.Channel{Person: ada}) == 0
	})
	f.Follow(ada, []uuid.UUID{club}) // a late result
	if n := f.subscribed(channelOf(club)); n != 0 {
		t.Errorf("a person without streams follows: %d subscriptions", n)
	}
	f.Follow(bob, nil)
	if n := f.subscribed(channelOf(choir)); n != 0 {
		t.Errorf("%d subscriptions are left", n)
	}
}

// TestALostSubscriptionResyncsOnce: each stream once, when the last of its channels is back.
func TestALostSubscriptionResyncsOnce(t *testing.T) {
	f, choir, club := newFixture(t), uuid.New(), uuid.New()
	ada, bob := uuid.New(), uuid.New()
	r, other := f.follows(ada, choir), f.opens(bob)
	f.Follow(bob, nil)
	other.Expects("ready")
	f.Follow(ada, []uuid.UUID{choir, club})
	f.Subscribed(channelOf(club))
	r.Expects("resync")

	f.Lost([]chat.Channel{{Person: ada}, channelOf(choir), channelOf(club)})
	late := ssetest.Connect(t, f.Hub, ssetest.StreamOf(ada))
	f.Subscribed(channelOf(club))
	f.Subscribed(chat.Channel{Person: ada})
	f.marks(ada, r)
	late.Expects("friend") // not ready: one channel is missing
	f.Follow(ada, []uuid.UUID{choir, club})
	f.Subscribed(channelOf(choir))
	r.Expects("resync")
	late.Expects("ready")
	f.marks(ada, r)
	f.marks(bob, other)

	f.Lost([]chat.Channel{channelOf(choir)})
	f.Follow(ada, []uuid.UUID{club}) // who leaves does not wait for it
	r.Expects("resync")
	f.marks(ada, r)
}

// TestReadingFails: streams become ready without the channels, and resync when they have them.
func TestReadingFails(t *testing.T) {
	f, ada, choir := newFixture(t), uuid.New(), uuid.New()
	r := ssetest.Connect(t, f.Hub, ssetest.StreamOf(ada))
	f.FollowLater(ada)
	f.Subscribed(chat.Channel{Person: ada})
	r.Expects("ready")
	f.FollowLater(ada)
	f.FollowLater(uuid.New())
	f.marks(ada, r)
	f.Follow(ada, []uuid.UUID{choir})
	f.marks(ada, r)
	f.Subscribed(channelOf(choir))
	r.Expects("resync")

	f.FollowLater(ada) // keeps what is known
	f.Deliver(channelOf(choir), chat.ConversationEvent{})
	r.Expects("conversation")
}

// TestFollowWithoutRedis: the relay brings a conversation's events as soon as it is followed.
func TestFollowWithoutRedis(t *testing.T) {
	f, ada, choir := newFixture(t), uuid.New(), uuid.New()
	f.SetDown([]string{"redis"})
	r := ssetest.Connect(t, f.Hub, ssetest.StreamOf(ada))
	r.Expects("mode", "resync")
	f.Follow(ada, []uuid.UUID{choir})
	r.Expects("resync")
	f.Deliver(channelOf(choir), chat.ConversationEvent{})
	r.Expects("conversation")
	f.Follow(ada, nil)
	f.Deliver(channelOf(choir), chat.ConversationEvent{})
	f.Follow(ada, []uuid.UUID{choir})
	r.Expects("resync")
	f.SetDown(nil)
	r.Expects("mode")
	f.Subscribed(channelOf(choir))
	f.marks(ada, r)
	f.Subscribed(chat.Channel{Person: ada})
	r.Expects("ready")
}

// TestChangesOfMembersAreRead of people with streams here.
func TestChangesOfMembersAreRead(t *testing.T) {
	f, ada, bob := newFixture(t), uuid.New(), uuid.New()
	f.opens(ada)
	f.opens(bob)
	id := uuid.New()
	f.Deliver(chat.Channel{}, chat.InvalidateEvent{Conversation: &id, Members: []uuid.UUID{uuid.New(), ada}})
	if !slices.Equal(f.again, []uuid.UUID{ada}) {
		t.Errorf("read again %v, want %v", f.again, ada)
	}
	f.Subscribed(chat.Channel{})
	if len(f.again) != 3 || !slices.Contains(f.again[1:], ada) || !slices.Contains(f.again[1:], bob) {
		t.Errorf("read again %v, want everybody, because an event may have been lost", f.again)
	}
}

// TestSubscriptionChangesKeepTheirOrder: a person leaves and returns while Redis is slow. The last
// change wins, and no two are under way.
func TestSubscriptionChangesKeepTheirOrder(t *testing.T) {
	f, ada, choir := newFixture(t), uuid.New(), uuid.New()
	r := f.follows(ada, choir)
	hold := make(chan struct{})
	f.mu.Lock()
	f.hold = hold
	f.mu.Unlock()

	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.Follow(ada, nil)
	}()
	wait.Until(t, "the conversation is no longer followed", func() bool {
		f.Deliver(channelOf(choir), chat.ConversationEvent{})
		f.Deliver(chat.Channel{Person: ada}, chat.FriendEvent{})
		if r.Reads() == "friend" {
			return true
		}
		r.Expects("friend")
		return false
	})
	f.Follow(ada, []uuid.UUID{choir}) // does not wait for Redis
	f.marks(ada, r)                   // nor does an event
	close(hold)
	<-ended

	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.calls); f.refs[channelOf(choir)] != 1 || f.calls[n-1] != fmt.Sprint(channelOf(choir), 1) {
		t.Errorf("calls %v, want the subscription last", f.calls)
	}
}

// TestConcurrentFollows opens, closes and changes all at once.
func TestConcurrentFollows(t *testing.T) {
	f := newFixture(t)
	groups := []uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
	people := []uuid.UUID{uuid.New(), uuid.New(), uuid.New(), uuid.New()}
	var tasks sync.WaitGroup
	for i, person := range people {
		tasks.Go(func() {
			for n := range 50 {
				s := ssetest.StreamOf(person)
				if err := f.Reserve(s); err != nil {
					t.Error(err)
				}
				f.Release(s)
				f.Follow(person, groups[:(i+n)%4])
			}
		})
		tasks.Go(func() {
			for n := range 50 {
				s := chat.Stream{Person: person, Session: person, Address: netip.MustParseAddr("127.0.0.1")}
				if err := f.Reserve(s); err != nil {
					t.Error(err)
				}
				f.Attach(&idleConn{}, s)
				f.Follow(person, groups[(i+n)%3:])
				f.Subscribed(channelOf(groups[n%3]))
				f.Lost([]chat.Channel{channelOf(groups[(n+1)%3]), {Person: person}})
				f.Subscribed(chat.Channel{Person: person})
				f.Deliver(channelOf(groups[n%3]), chat.ResyncEvent{})
			}
		})
	}
	tasks.Wait()

	f.Drain(t.Context(), 0)
	wait.Until(t, "nothing is left", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, n := range f.refs {
			if n != 0 {
				return false
			}
		}
		return f.Hub.Count() == 0
	})
}
