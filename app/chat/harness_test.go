package chat_test

import (
	"cmp"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/chat/chattest"
	"parley/app/limit"
	"parley/app/limit/limittest"
)

var ctx = context.Background()

// replica has the services of one replica.
type replica struct {
	*chat.Access
	*chat.Messages
	*chat.People
	*chat.Accounts
}

// ports are the ports of a replica that tests can replace. Nil ports are those of the
// harness.
type ports struct {
	store    chat.Store
	log      chat.Log
	presence chat.Presences
	limits   limits
}

// limits are the limits of all services.
type limits struct {
	messages       chat.MessageLimits
	searches       limit.Rate
	requestsPerDay int
}

// harness is a replica on in-memory ports, with a clock that the test sets. Ada and Bob
// are friends with a conversation.
type harness struct {
	replica
	t            *testing.T
	store        *chattest.Store
	log          *chattest.Log
	bus          *chattest.Bus
	presence     *chattest.Presence
	shared       *chattest.AccessCache
	rateLimits   *limittest.Store
	now          time.Time
	ada, bob     chat.Person
	conversation uuid.UUID
}

func newHarness(t *testing.T, limits limits) *harness {
	t.Helper()
	h := &harness{
		t:        t,
		store:    chattest.NewStore(),
		log:      &chattest.Log{},
		bus:      chattest.NewBus(),
		presence: chattest.NewPresence(),
		shared:   chattest.NewAccessCache(),
		now:      time.Unix(1_800_000_000, 0),
	}

	h.rateLimits = limittest.NewStore(h.clock)
	h.replica = h.replicaOn(ports{limits: limits})

	h.ada, h.bob = h.signIn("Ada").Person, h.signIn("Bob").Person
	chattest.Befriend(t, h.store, h.ada, h.bob)
	c, _, err := h.OpenDirect(ctx, h.ada, h.bob.ID)
	if err != nil {
		t.Fatal(err)
	}

	h.conversation = c.ID
	return h
}

func (h *harness) clock() time.Time { return h.now }

// replicaOn returns another replica, on the given ports.
func (h *harness) replicaOn(p ports) replica {
	store, log := cmp.Or[chat.Store](p.store, h.store), cmp.Or[chat.Log](p.log, h.log)
	logger := slog.New(slog.DiscardHandler)
	access := chat.NewAccess(chat.AccessDeps{Store: store, Cache: h.shared, Bus: h.bus, Now: h.clock})
	people := chat.NewPeople(chat.PeopleDeps{
		Store:          store,
		Bus:            h.bus,
		Access:         access,
		Presence:       cmp.Or[chat.Presences](p.presence, h.presence),
		RateLimits:     h.rateLimits,
		SearchRate:     p.limits.searches,
		RequestsPerDay: p.limits.requestsPerDay,
		Logger:         logger,
		Now:            h.clock,
	})
	messages := chat.NewMessages(chat.MessagesDeps{
		Store:      store,
		Log:        log,
		Bus:        h.bus,
		Access:     access,
		Activities: people,
		RateLimits: h.rateLimits,
		Limits:     p.limits.messages,
		Logger:     logger,
		Now:        h.clock,
	})
	accounts := chat.NewAccounts(chat.AccountsDeps{
		Store:      store,
		Bus:        h.bus,
		Access:     access,
		Presence:   people,
		Groups:     messages,
		RateLimits: h.rateLimits,
		Logger:     logger,
		Now:        h.clock,
	})
	return replica{access, messages, people, accounts}
}

// signIn signs a person in.
func (h *harness) signIn(name string) chat.Session {
	h.t.Helper()
	s, _, err := h.SignIn(ctx, chat.Identity{Provider: chat.ProviderDev, Name: name}, "test", "")
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// newText returns a new message with a client id of its own.
func newText(body string) chat.NewMessage {
	return chat.NewMessage{ClientID: chat.NewID().String(), Body: body}
}

// send sends a message by Ada.
func (h *harness) send(body string) (chat.Message, error) {
	return h.Send(ctx, h.ada, h.conversation, newText(body))
}

// received returns the kinds of the events that were published to Bob, in order.
func (h *harness) received() (kinds []chat.EventKind) {
	for _, p := range h.bus.Published {
		if p.To == h.bob.ID {
			kinds = append(kinds, p.Event.Kind())
		}
	}
	return kinds
}
