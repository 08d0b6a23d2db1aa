package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// serve returns a client of a server that answers every request in one way.
func serve(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(server.Close)
	return New(server.URL, Options{Timeout: 10 * time.Second})
}

func TestErrorsCarryStatusTypeAndRetryAfter(t *testing.T) {
	for name, tt := range map[string]struct {
		status  int
		body    string
		want    Error
		notSent bool
	}{
		"rejected":      {503, `{"type":"not-sent","detail":"Later."}`, Error{Type: "not-sent", Detail: "Later."}, true},
		"unconfirmed":   {503, `{"type":"unconfirmed"}`, Error{Type: "unconfirmed"}, false},
		"internal":      {500, `{"type":"internal"}`, Error{Type: "internal"}, false},
		"a proxy's own": {502, `<h1>Bad Gateway</h1>`, Error{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(tt.status)
				fmt.Fprint(w, tt.body)
			})
			m := Write(uuid.New(), "hi")
			_, err := c.Send(t.Context(), m)
			tt.want.Method, tt.want.Path = "POST", path(m.Conversation)+"/messages"

			tt.want.Status, tt.want.RetryAfter = tt.status, 7*time.Second
			if e, ok := err.(*Error); !ok || *e != tt.want {
				t.Errorf("got %v, want %v", err, &tt.want)
			}

			if NotSent(err) != tt.notSent || Status(err) != tt.status {
				t.Errorf("NotSent %v, Status %d", NotSent(err), Status(err))
			}
		})
	}

	_, err := New("http://127.0.0.1:1", Options{}).Send(t.Context(), Write(uuid.New(), "hi"))
	if !NotSent(err) || Status(err) != 0 {
		t.Errorf("a refused connection: %v", err)
	}
}

func TestSendRetryingRepeatsTheSameMessage(t *testing.T) {
	var ids []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		ids = append(ids, r.FormValue("client_id"))
		if len(ids) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}

		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"message":{"id":%q,"seq":null,"log_offset":4}}`, uuid.New())
	})

	m := Write(uuid.New(), "hi")

	sent, err := c.SendRetrying(t.Context(), m, time.Millisecond, func(int) string { return c.Base })
	if err != nil || sent.Seq != 0 || sent.LogOffset == nil || *sent.LogOffset != 4 {
		t.Errorf("got %+v, %v", sent, err)
	}

	if want := m.ClientID.String(); len(ids) != 3 || ids[0] != want || ids[1] != want || ids[2] != want {
		t.Errorf("sent as %v, want three times %s", ids, want)
	}

	ended, cancel := context.WithCancel(t.Context())
	cancel()

	if _, err := c.SendRetrying(ended, m, time.Hour, func(int) string { return c.Base }); err == nil {
		t.Error("no error after the context ended")
	}
}

func TestPagesTellUnknownFromAbsent(t *testing.T) {
	for body, want := range map[string]struct{ newest, known bool }{
		`{"messages":[{"seq":1}],"complete":true}`:                {false, false},
		`{"messages":[{"seq":1}],"complete":true,"pending":null}`: {true, false},
		`{"messages":[{"seq":1}],"complete":true,"pending":[]}`:   {true, true},
	} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })

		p, err := c.History(t.Context(), uuid.New(), 0, 10)
		if err != nil || p.Newest != want.newest || (p.Pending != nil) != want.known ||
			!p.Complete || len(p.Messages) != 1 {
			t.Errorf("%s: got %+v, %v", body, p, err)
		}
	}
}

func TestStreamsAreReadEventByEvent(t *testing.T) {
	const stream = "retry: 700\n\nevent: ready\ndata: {}\n\n:\n\nevent: mode\ndata: {\"down\":\ndata: []}\n\n"
	var inspected []string
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, stream) })
	c.options.Inspect = func(where string, _ []byte) { inspected = append(inspected, where) }

	s, err := c.OpenStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()

	var got []string
	for e := range s.Events() {
		got = append(got, e.Name+string(e.Data))
	}

	if strings.Join(got, " ") != `ready{} mode{"down":[]}` || s.Retry != 700*time.Millisecond ||
		len(inspected) != 2 || s.Err() != nil {
		t.Errorf("got %v, retry %v, inspected %v, %v", got, s.Retry, inspected, s.Err())
	}
}

func TestStreamLinesAreBounded(t *testing.T) {
	s := NewStream(io.MultiReader(strings.NewReader("data: "), io.LimitReader(endless{}, 2*maxLine)))
	for range s.Events() {
		t.Error("an event came of a line without an end")
	}

	if s.Err() == nil {
		t.Error("a line of 2 MiB was no error")
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}

	return len(b), nil
}

func TestARejectedStreamIsAnError(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"type":"signed-out"}`)
	})
	if _, err := c.OpenStream(t.Context()); Status(err) != http.StatusUnauthorized {
		t.Errorf("got %v", err)
	}
}

func TestASessionHoldsAtEveryReplica(t *testing.T) {
	id := uuid.New()
	answer := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/signin/dev" {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "secret", Path: "/"})
			fmt.Fprintf(w, `{"user":{"id":%q,"name":"Ada"}}`, id)
			return
		}

		if c, err := r.Cookie("session"); err != nil || c.Value != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
		}

		fmt.Fprint(w, `{"down":["redis"]}`)
	}

	one, two := serve(t, answer), serve(t, answer)

	ada, err := SignIn(t.Context(), one.Base, "Ada", Options{})
	if err != nil || ada.User.ID != id || len(ada.Cookies()) != 1 {
		t.Fatalf("signed in as %+v, %v", ada.User, err)
	}

	if down, err := ada.At(two.Base).Ready(t.Context()); err != nil || len(down) != 1 {
		t.Errorf("got %v, %v", down, err)
	}
}
