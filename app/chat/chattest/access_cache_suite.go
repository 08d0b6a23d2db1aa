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
			Members: []chat.MemberSettings{
				{Person: ada, ShareRead: true},
				{Person: bob, SharePresence: true, ShareTyping: true},
			},
		}
	}

	clock := func(t *testing.T, a chat.AccessCache) int64 {
		t.Helper()
		c, ok := a.Clock(ctx)
		if !ok {
			t.Fatal("no clock")
		}

		return c
	}

	t.Run("what was put is found", func(t *testing.T) {
		a, s, m := open(t), newSession(), newMembership()
		if _, ok := a.Session(ctx, s.ID); ok {
			t.Error("a session out of nothing")
		}

		given := s
		given.Device = "a browser"
		a.PutSession(ctx, given, clock(t, a))
		a.PutMembership(ctx, m, clock(t, a))
		if got, ok := a.Session(ctx, s.ID); !ok || !reflect.DeepEqual(got, s) {
			t.Errorf("the session: %+v, %v", got, ok)
		}

		if got, ok := a.Membership(ctx, m.ConversationID); !ok || !reflect.DeepEqual(got, m) {
			t.Errorf("the membership: %+v, %v", got, ok)
		}

		if _, ok := a.Session(ctx, m.ConversationID); ok {
			t.Error("a conversation is a session")
		}
	})
	s, m := newSession(), newMembership()
	for name, forget := range map[string][]uuid.UUID{
		"itself":       {s.ID, m.ConversationID},
		"a person":     {ada.ID},
		"among others": {uuid.New(), ada.ID, uuid.New()},
	} {
		t.Run("forgotten by "+name, func(t *testing.T) {
			a := open(t)
			before := clock(t, a)
			a.PutSession(ctx, s, before)
			a.PutMembership(ctx, m, before)
			a.Forget(ctx, forget...)
			gone := func(when string) {
				t.Helper()
				if _, ok := a.Session(ctx, s.ID); ok {
					t.Errorf("%s the session is there", when)
				}
				if _, ok := a.Membership(ctx, m.ConversationID); ok {
					t.Errorf("%s the membership is there", when)
				}
			}

			gone("forgotten,")
			a.PutSession(ctx, s, before) // read before the change, put late
			a.PutMembership(ctx, m, before)
			gone("put late,")
			after := clock(t, a)
			a.PutSession(ctx, s, after)
			a.PutMembership(ctx, m, after)
			if _, ok := a.Session(ctx, s.ID); !ok {
				t.Error("a session that was read afterwards isn't there")
			}

			if _, ok := a.Membership(ctx, m.ConversationID); !ok {
				t.Error("a membership that was read afterwards isn't there")
			}

			a.Forget(ctx, uuid.New())
			if _, ok := a.Session(ctx, s.ID); !ok {
				t.Error("somebody else's change took it away")
			}

			a.Forget(ctx, forget...)
			gone("forgotten again,")
		})
	}
}
