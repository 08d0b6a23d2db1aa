package chaos

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"parley/app/client"
	"parley/app/loop"
)

// person is somebody with a browser: one stream, and a tab for each
// conversation.
type person struct {
	*browser
	tabs     map[uuid.UUID]*tab
	pageSize int
	live     atomic.Bool // the stream is open
}

// listen keeps a stream open until ctx ends, as static/js/live.js does: it
// reconnects after the server's "retry" or a backoff, with jitter, to any
// replica that answers.
func (p *person) listen(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; failures++ {
		retry, opened := p.follow(ctx)
		p.live.Store(false)
		p.history.Mode(p.person, nil)

		if opened {
			failures = 0
		} else {
			p.move()
			retry = min(4*time.Second, 500*time.Millisecond<<min(failures, 3))
		}

		loop.Sleep(ctx, retry/2+rand.N(retry/2+1))
	}
}

// follow reads one stream to its end.
func (p *person) follow(ctx context.Context) (retry time.Duration, opened bool) {
	stream, err := p.here().OpenStream(ctx)
	if err != nil {
		if client.Status(err) != 0 {
			p.note(err, "opening a stream")
		}

		return 0, false
	}
	defer stream.Close()

	for e := range stream.Events() {
		p.receive(e)
	}

	return stream.Retry, true
}

// receive handles an event of the stream. One that can't be decoded is treated
// as a gap.
func (p *person) receive(e client.Event) {
	var about struct {
		Conversation *uuid.UUID `json:"conversation_id"`
	}
	_ = json.Unmarshal(e.Data, &about) // then it is about no conversation

	var t *tab
	if about.Conversation != nil {
		if t = p.tabs[*about.Conversation]; t == nil {
			p.history.Find(Leaked, "person %d received a %s of a conversation that isn’t theirs", p.person, e.Name)
			return
		}
	}

	switch e.Name {
	case client.EventReady:
		p.live.Store(true)
		p.fetch(nil)
	case client.EventResync:
		p.fetch(t)
	case client.EventMode:
		if mode, ok := decode[client.ModeEvent](e); ok {
			p.history.Mode(p.person, mode.Down)
		}
	case client.EventMessage:
		m, ok := decode[client.MessageEvent](e)
		if t := p.tabs[m.Message.ConversationID]; ok && t != nil { // without a tab, inspect has found its marker
			t.add(m.Message)
		}
	case client.EventStored:
		if stored, ok := decode[client.StoredEvent](e); ok && t != nil {
			t.number(stored)
		}
	}
}

func decode[E any](e client.Event) (decoded E, ok bool) {
	err := json.Unmarshal(e.Data, &decoded)
	return decoded, err == nil
}

// fetch has one tab fetch, or (nil) all of them.
func (p *person) fetch(only *tab) {
	for _, t := range p.tabs {
		if only == nil || only == t {
			t.fetch()
		}
	}
}

// trespass tries, every now and then, to read and write conversations of others.
func (p *person) trespass(ctx context.Context, random *rand.Rand, conversations []uuid.UUID) {
	pause := func() time.Duration {
		return 500*time.Millisecond + time.Duration(random.Int64N(int64(2*time.Second)))
	}
	for n := 0; loop.Sleep(ctx, pause()); n++ {
		conversation := random.IntN(len(conversations))
		if p.own[conversation] {
			continue
		}

		id := conversations[conversation]

		var err error
		if n%4 == 0 { // stored, the message is a phantom, because no history knows it
			_, err = p.here().Send(ctx, client.Write(id, marker(p.run, conversation, p.person, 1e6+n)))
		} else {
			_, err = p.here().History(ctx, id, 0, p.pageSize)
		}

		if err == nil {
			p.history.Find(Leaked, "person %d could read or write conversation %d", p.person, conversation)
		}
	}
}
