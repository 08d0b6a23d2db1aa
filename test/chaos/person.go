package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// person is somebody with a browser: one stream, and a tab for each conversation.
type person struct {
	*client
	tabs     map[uuid.UUID]*tab
	pageSize int
	live     atomic.Bool
}

// event takes what the stream brings.
func (p *person) event(name string, data []byte) {
	var about struct {
		Conversation *uuid.UUID `json:"conversation_id"`
	}
	_ = json.Unmarshal(data, &about) // then it is about none
	var of *tab
	if about.Conversation != nil {
		if of = p.tabs[*about.Conversation]; of == nil {
			p.history.See(Leaked, "person %d is told of a %s in a conversation that isn’t theirs", p.person, name)
			return
		}
	}
	switch chat.EventKind(name) {
	case chat.EventReady:
		p.live.Store(true)
		p.fetch(nil)
	case chat.EventResync:
		p.fetch(of)
	case chat.EventMode:
		if e, ok := decode[chat.ModeEvent](data); ok {
			p.history.Mode(p.person, e.Down)
		}
	case chat.EventMessage:
		if e, ok := decode[chat.MessageEvent](data); ok {
			if of := p.tabs[e.Message.ConversationID]; of != nil { // else its canary was found by inspect
				of.take(e.Message)
			}
		}
	case chat.EventStored:
		if e, ok := decode[chat.StoredEvent](data); ok && of != nil {
			of.number(e)
		}
	}
}

func (p *person) lost() {
	p.live.Store(false)
	p.history.Mode(p.person, nil)
}

// fetch has one tab fetch, or (nil) all of them.
func (p *person) fetch(of *tab) {
	for _, t := range p.tabs {
		if of == nil || of == t {
			t.fetch()
		}
	}
}

// pry tries, every now and then, to read and write what belongs to others.
func (p *person) pry(ctx context.Context, random *rand.Rand, talks []uuid.UUID) {
	for n := 0; ctx.Err() == nil; n++ {
		select {
		case <-time.After(500*time.Millisecond + time.Duration(random.Int64N(int64(2*time.Second)))):
		case <-ctx.Done():
			return
		}
		talk := random.IntN(len(talks))
		if p.mine[talk] {
			continue
		}
		path, form := fmt.Sprintf("/conversations/%s?after=0", talks[talk]), url.Values(nil)
		if n%4 == 0 { // stored, it is a phantom, since no history knows it
			path, form = fmt.Sprintf("/conversations/%s/messages", talks[talk]), url.Values{"client_id": {chat.NewID().String()}, "body": {canary(p.run, talk, p.person, 1e6+n)}}
		}
		method := "GET"
		if form != nil {
			method = "POST"
		}
		if a, err := p.do(ctx, method, p.base()+path, form); err == nil && a.status < 400 {
			p.history.See(Leaked, "person %d was answered %d to %s of conversation %d", p.person, a.status, method, talk)
		}
	}
}
