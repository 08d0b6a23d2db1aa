package sse_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/sse"
	"parley/app/sse/ssetest"
)

// fixture is a hub whose subscriptions and readings the test confirms.
type fixture struct {
	*sse.Hub
	t *testing.T

	mu        sync.Mutex // guards the fields below
	refs      map[chat.Channel]int
	calls     []string
	arrived   []uuid.UUID
	again     []uuid.UUID
	rendered  map[string]int
	delivered []int
	hold      chan struct{} // if not nil, Add and Remove wait for it
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, refs: map[chat.Channel]int{}, rendered: map[string]int{}}
	f.Hub = sse.NewHub(sse.Deps{
		Subscriptions: f,
		Presence:      noPresence{},
		Renderer:      f,
		Follows:       reads{f},
		Observer:      f,
		OnInvalidate:  func(chat.InvalidateEvent) {},
		Logger:        slog.New(slog.DiscardHandler),
	}, sse.Limits{})
	go func() { _ = f.Run(t.Context()) }()
	return f
}

func (f *fixture) change(channel chat.Channel, by int) {
	f.mu.Lock()
	hold := f.hold
	f.mu.Unlock()
	if hold != nil {
		<-hold
	}

	f.mu.Lock()
	defer f.mu.Unlock()
	f.refs[channel] += by
	f.calls = append(f.calls, fmt.Sprint(channel, by))
}

func (f *fixture) Add(channel chat.Channel)    { f.change(channel, 1) }
func (f *fixture) Remove(channel chat.Channel) { f.change(channel, -1) }

func (f *fixture) subscribed(channel chat.Channel) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.refs[channel]
}

func (f *fixture) Frame(format chat.StreamFormat, e chat.Event, own bool) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rendered[fmt.Sprintf("%s%d%v", e.Kind(), format, own)]++
	return ssetest.Plain{}.Frame(format, e, own)
}

func (f *fixture) Delivered(_ chat.Message, streams int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delivered = append(f.delivered, streams)
}

// reads notes the readings that the hub requests.
type reads struct{ f *fixture }

func (r reads) Arrive(person uuid.UUID) {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	r.f.arrived = append(r.f.arrived, person)
}

func (r reads) ReadAgain(people ...uuid.UUID) {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	r.f.again = append(r.f.again, people...)
}

// opens opens a stream of a person whose channel is confirmed.
func (f *fixture) opens(person uuid.UUID) *ssetest.Reader {
	f.t.Helper()
	r := ssetest.Connect(f.t, f.Hub, ssetest.StreamOf(person))
	f.Subscribed(chat.Channel{Person: person})
	return r
}

// follows opens a stream that is ready and follows a confirmed conversation.
func (f *fixture) follows(person, conversation uuid.UUID) *ssetest.Reader {
	f.t.Helper()
	r := f.opens(person)
	f.Follow(person, []uuid.UUID{conversation})
	f.Subscribed(chat.Channel{Conversation: conversation})
	r.Expects("ready")
	return r
}

// marks delivers an event to a person alone, behind which the test finds no other.
func (f *fixture) marks(person uuid.UUID, r *ssetest.Reader) {
	f.t.Helper()
	f.Deliver(chat.Channel{Person: person}, chat.FriendEvent{})
	r.Expects("friend")
}

func channelOf(conversation uuid.UUID) chat.Channel { return chat.Channel{Conversation: conversation} }
