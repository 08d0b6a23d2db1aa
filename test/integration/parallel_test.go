package integration

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/wait"
)

// TestNoMessageShowsAnothersBytes: of what 100 people say at once, each in a text of their own, over connections that are used again, every answer, event,
// page and stored row holds exactly what was sent under its id. `go tool task race` runs it with the race detector.
func TestNoMessageShowsAnothersBytes(t *testing.T) {
	t.Parallel()
	const senders, each = 100, 5
	r := startReplica(t, "LIMIT_MESSAGES", "0", "LIMIT_CONVERSATION", "0", "LIMIT_SENDS_IN_FLIGHT", "0", "LIMIT_REQUESTS_PER_DAY", "0", "LIMIT_STREAMS_PER_USER", "0")
	hub := r.signIn("Ada")
	people, conversations := make([]*person, senders), make([]string, senders)
	for i := range people {
		people[i] = r.signIn(fmt.Sprintf("Sender %d", i))
		conversations[i] = people[i].openConversation(hub)
	}

	news, told := hub.openStream(), make(chan map[uuid.UUID]string)
	go func() { // beside the senders: who doesn't read is closed
		heard := map[uuid.UUID]string{}
		for e := range news.events {
			var m struct{ Message chat.Message }
			if e.kind == "message" && json.Unmarshal([]byte(e.data), &m) == nil {
				heard[m.Message.ID] = m.Message.Body
			}
		}

		told <- heard
	}()

	var mu sync.Mutex
	sent := map[uuid.UUID]string{}
	var all sync.WaitGroup
	for i, p := range people {
		all.Go(func() {
			for n := range each {
				// of many lengths, so that a buffer used again would show the end of what was longer
				body := fmt.Sprintf("<%d.%d>", i, n) + strings.Repeat(fmt.Sprintf("%c%d ", 'a'+i%26, i), 1+(i*37+n*211)%700) + fmt.Sprintf("</%d.%d>", i, n)
				m := p.send(conversations[i], body)
				if m.Body != body || m.Sender.ID != p.ID {
					t.Errorf("acknowledgement of %.20q: body %.40q, sender %s", body, m.Body, m.Sender.Name)
				}
				mu.Lock()
				sent[m.ID] = body
				mu.Unlock()
				if n%4 == 0 {
					p.browse(conversations[i]) // pages are rendered meanwhile
				}
			}
		})
	}

	all.Wait()
	if len(sent) != senders*each {
		t.Fatalf("%d ids for %d messages", len(sent), senders*each)
	}

	for i, p := range people {
		wait.Until(t, conversations[i]+" is stored", func() bool { return p.read(conversations[i]).Conversation.LastSeq == each })
		page := p.page(conversations[i])
		for _, m := range p.read(conversations[i]).Messages {
			if want := sent[m.ID]; m.Body != want || m.Sender.ID != p.ID {
				t.Errorf("stored %.40q, sent %.40q", m.Body, want)
			}
			if shown := page.Find("#message-" + m.ID.String() + " p").Text(); shown != sent[m.ID] {
				t.Errorf("shown %.40q, sent %.40q", shown, sent[m.ID])
			}
		}
	}

	news.close()
	heard := <-told
	if len(heard) == 0 {
		t.Error("no event was received")
	}

	for id, body := range heard { // a slow machine may have been told to fetch the rest
		if body != sent[id] {
			t.Errorf("event with %.40q, sent %.40q", body, sent[id])
		}
	}
}
