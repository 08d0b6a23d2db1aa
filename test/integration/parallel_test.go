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

// TestConcurrentMessages: while 100 people send distinct texts over reused
// connections, each acknowledgement, event, page and row has exactly the text that
// was sent under its id. A reused buffer would show as bytes of another text. `go
// tool task race` runs this test with the race detector.
func TestConcurrentMessages(t *testing.T) {
	t.Parallel()
	const senders, each = 100, 5
	r := startReplica(t,
		"LIMIT_MESSAGES", "0",
		"LIMIT_CONVERSATION", "0",
		"LIMIT_SENDS_IN_FLIGHT", "0",
		"LIMIT_REQUESTS_PER_DAY", "0",
		"LIMIT_STREAMS_PER_USER", "0",
	)
	ada := r.signIn("Ada")
	people, conversations := make([]*person, senders), make([]string, senders)
	for i := range people {
		people[i] = r.signIn(fmt.Sprintf("Sender %d", i))
		conversations[i] = people[i].openConversation(ada)
	}

	// The stream is read all the time, because the replica closes slow ones.
	adaStream, result := ada.openStream(), make(chan map[uuid.UUID]string)
	go func() {
		received := map[uuid.UUID]string{}
		for e := range adaStream.events {
			var m struct{ Message chat.Message }
			if e.kind == "message" && json.Unmarshal([]byte(e.data), &m) == nil {
				received[m.Message.ID] = m.Message.Body
			}
		}

		result <- received
	}()

	var mu sync.Mutex
	sent := map[uuid.UUID]string{}
	var all sync.WaitGroup
	for i, p := range people {
		all.Go(func() {
			for n := range each {
				// Of many lengths, so that a reused buffer would show the end of a longer text.
				middle := strings.Repeat(fmt.Sprintf("%c%d ", 'a'+i%26, i), 1+(i*37+n*211)%700)
				body := fmt.Sprintf("<%d.%d>%s</%d.%d>", i, n, middle, i, n)
				m := p.send(conversations[i], body)
				if m.Body != body || m.Sender.ID != p.ID {
					t.Errorf("acknowledgement of %.20q: body %.40q, sender %s", body, m.Body, m.Sender.Name)
				}
				mu.Lock()
				sent[m.ID] = body
				mu.Unlock()
				if n%4 == 0 {
					p.browse(conversations[i]) // renders pages concurrently
				}
			}
		})
	}

	all.Wait()
	if len(sent) != senders*each {
		t.Fatalf("%d ids for %d messages", len(sent), senders*each)
	}

	for i, p := range people {
		wait.Until(t, conversations[i]+" is stored", func() bool {
			return p.read(conversations[i]).Conversation.LastSeq == each
		})
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

	adaStream.close()
	received := <-result
	if len(received) == 0 {
		t.Error("no event was received")
	}

	for id, body := range received { // incomplete if the stream was told to resync
		if body != sent[id] {
			t.Errorf("event with %.40q, sent %.40q", body, sent[id])
		}
	}
}
