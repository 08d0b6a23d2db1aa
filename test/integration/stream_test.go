package integration

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/app/chat"
)

// stream is a person's open event stream.
type stream struct {
	t      testing.TB
	events chan event
	close  func()
}

type event struct{ kind, data string }

// openStream opens a stream and waits until it is ready.
func (p *person) openStream() *stream {
	p.t.Helper()
	s := p.openStreamUnready()
	s.waitFor("ready")
	return s
}

// openStreamUnready does not wait until the stream is ready, because it is not
// while Redis is down.
func (p *person) openStreamUnready() *stream {
	p.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+"/events?format=json", nil)
	if err != nil {
		p.t.Fatal(err)
	}

	withoutTimeout := &http.Client{Jar: p.http.Jar}
	res, err := withoutTimeout.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}

	s := &stream{t: p.t, events: make(chan event, 1000), close: stop}
	p.t.Cleanup(stop)
	go func() {
		defer res.Body.Close()
		defer close(s.events)
		kind := ""
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if k, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				kind = k
			} else if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				s.events <- event{kind, data}
			}
		}
	}()

	return s
}

// waitForEnd waits for the stream's end.
func (s *stream) waitForEnd() {
	s.t.Helper()
	for range s.events { // closed with the stream
	}
}

// waitFor returns the data of the next event of a kind. It skips other events, but
// fails at those of a forbidden kind.
func (s *stream) waitFor(kind string, forbidden ...string) string {
	s.t.Helper()
	deadline := time.After(time.Minute) // a broken connection is only found by its heartbeat
	for {
		select {
		case e, ok := <-s.events:
			if !ok {
				s.t.Fatalf("the stream ended before %s", kind)
			}
			if slices.Contains(forbidden, e.kind) {
				s.t.Fatalf("unexpected event %s %s", e.kind, e.data)
			}
			if e.kind == kind {
				return e.data
			}
		case <-deadline:
			s.t.Fatalf("timed out waiting for event %s", kind)
		}
	}
}

// waitForPresence expects that the next presence event is this one.
func (s *stream) waitForPresence(of *person, want chat.Presence) {
	s.t.Helper()
	var e chat.PresenceEvent
	err := json.Unmarshal([]byte(s.waitFor("presence")), &e)
	if err != nil || e.Person != of.ID || e.Presence != want {
		s.t.Fatalf("presence event %+v, error %v; want %s %s", e, err, of.Name, want)
	}
}

// waitForResync waits for the resync event of one conversation.
func (s *stream) waitForResync(conversation string) {
	s.t.Helper()
	for {
		var e chat.ResyncEvent
		must(s.t, json.Unmarshal([]byte(s.waitFor("resync")), &e))
		if e.ConversationID != nil && "/conversations/"+e.ConversationID.String() == conversation {
			return
		}
	}
}

// waitForMode waits for the event that names exactly these dependencies as down.
func (s *stream) waitForMode(down ...string) {
	s.t.Helper()
	want, _ := json.Marshal(chat.ModeEvent{Down: append([]string{}, down...)})
	for s.waitFor("mode") != string(want) {
	}
}
