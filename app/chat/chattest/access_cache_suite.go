package chattest

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// TestAccessCache is the conformance suite of chat.AccessCache. open returns an empty
// cache that is available.
func TestAccessCache(t *testing.T, open func(t *testing.T) chat.AccessCache) {
	ada, bob := chat.Person{ID: uuid.New(), Name: "Ada", Picture: "p"}, chat.Person{ID: uuid.New(), Name: "Bob"}
	now := time.Now().UTC().Truncate(time.Millisecond)
	newSession := func() chat.Session {
		return chat.Session{
			ID:        uuid.New(),
			Person:    ada,
			CreatedAt: now,
			SeenAt:    now,
			ExpiresAt: now.Add(time.Hour),
			Settings:  chat.DefaultSettings(),
			Confirmed: true,
		}
	}

	newMembership := func() chat.Membership {
		return chat.Membership{
			ConversationID: uuid.New(),
			Writable:       true,
			CreatedAt:      chat.At(now),
			Person:         chat.MemberSettings{Person: ada, ShareRead: true},
			Peer:           &chat.MemberSettings{Person: bob, SharePresence: true, ShareTyping: true},
			Audience:       chat.ToPeople(ada.ID, bob.ID),
		}
	}

	clock := func(t *testing.T, a chat.AccessCache) int64 {
		t.Helper()
		c, ok := a.Clock(ctx)
		if !ok {
			t.Fatal("Clock: not available")
		}

		return c
	}

	t.Run("stored values are returned", func(t *testing.T) {
		a, s, m := open(t), newSession(), newMembership()
		if _, ok := a.Session(ctx, s.ID); ok {
			t.Error("empty cache: got a session")
		}

		given := s
		given.Device = "a browser"
		a.PutSession(ctx, given, clock(t, a))
		a.PutMembership(ctx, m, clock(t, a))
		if got, ok := a.Session(ctx, s.ID); !ok || !reflect.DeepEqual(got, s) {
			t.Errorf("Session: got %+v, %v, want %+v", got, ok, s)
		}

		if got, ok := a.Membership(ctx, m.Key()); !ok || !reflect.DeepEqual(got, m) {
			t.Errorf("Membership: got %+v, %v, want %+v", got, ok, m)
		}

		if _, ok := a.Session(ctx, m.ConversationID); ok {
			t.Error("Session of a conversation id: got a session")
		}
	})
	s, m := newSession(), newMembership()
	for name, forget := range map[string][]uuid.UUID{
		"own id":      {s.ID, m.ConversationID},
		"person id":   {ada.ID},
		"several ids": {uuid.New(), ada.ID, uuid.New()},
	} {
		t.Run("Forget by "+name, func(t *testing.T) {
			a := open(t)
			before := clock(t, a)
			a.PutSession(ctx, s, before)
			a.PutMembership(ctx, m, before)
			a.Forget(ctx, forget...)
			checkMissing := func(when string) {
				t.Helper()
				if _, ok := a.Session(ctx, s.ID); ok {
					t.Errorf("%s: got a session, want none", when)
				}
				if _, ok := a.Membership(ctx, m.Key()); ok {
					t.Errorf("%s: got a membership, want none", when)
				}
			}

			checkMissing("after Forget")
			a.PutSession(ctx, s, before) // read before the change, stored after it
			a.PutMembership(ctx, m, before)
			checkMissing("stored with an old clock")
			after := clock(t, a)
			a.PutSession(ctx, s, after)
			a.PutMembership(ctx, m, after)
			if _, ok := a.Session(ctx, s.ID); !ok {
				t.Error("stored with a new clock: got no session")
			}

			if _, ok := a.Membership(ctx, m.Key()); !ok {
				t.Error("stored with a new clock: got no membership")
			}

			a.Forget(ctx, uuid.New())
			if _, ok := a.Session(ctx, s.ID); !ok {
				t.Error("Forget of another id: got no session")
			}

			a.Forget(ctx, forget...)
			checkMissing("after the second Forget")
		})
	}
}
