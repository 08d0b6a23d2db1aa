package redis

import (
	"context"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/sse"
)

func TestEndedSessionsStreamsAreClosed(t *testing.T) {
	one, two := newReplica(t, redisURL(t), sse.Limits{}), newReplica(t, redisURL(t), sse.Limits{})
	ada, ended, kept := uuid.New(), uuid.New(), uuid.New()
	address := netip.MustParseAddr("127.0.0.1")
	leaving := one.connectsAs(chat.Stream{Format: chat.StreamJSON, Person: ada, Session: ended, Address: address})
	staying := one.connectsAs(chat.Stream{Format: chat.StreamJSON, Person: ada, Session: kept, Address: address})
	leaving.Expects("ready")
	staying.Expects("ready")
	one.connectsAs(chat.Stream{Format: chat.StreamJSON, Person: ada, Session: kept, Address: address}).Expects("ready")
	if ids := one.hub.Sessions(); len(ids) != 2 || !slices.Contains(ids, ended) || !slices.Contains(ids, kept) {
		t.Errorf("sessions %v", ids)
	}
	two.bus.Broadcast(context.Background(), chat.InvalidateEvent{Session: &ended})
	leaving.Expects("signout")
	leaving.Ends()
	if e := <-one.gone; *e.Session != ended {
		t.Errorf("told of %v", e)
	}
	two.bus.Publish(context.Background(), chat.ResyncEvent{}, []uuid.UUID{ada})
	staying.Expects("resync")
}

func TestAStreamWithoutRedisFetches(t *testing.T) {
	server := redisOfOurOwn(t)
	r := newReplica(t, server.URL, sse.Limits{})
	server.Kill()
	r.hub.SetDown([]string{"redis"})
	ada := uuid.New()
	s := r.connects(ada)
	s.Expects("mode")
	s.Expects("resync")
	r.hub.Deliver(ada, chat.FriendEvent{}) // a hint
	s.Expects("friend")
	if err := server.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.Expects("ready")
}
