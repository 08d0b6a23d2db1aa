package integration

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"parley/app/chat"
	"parley/app/config"
	"parley/app/replica"
)

// instance is a replica in this process, on real services.
type instance struct {
	t       *testing.T
	base    string
	at      replica.Addresses
	replica *replica.Replica
}

// startReplica serves until the test ends; settings are pairs of names and values.
func startReplica(t *testing.T, settings ...string) *instance {
	t.Helper()
	return startReplicaAt(t, newAddresses(t), settings...)
}

func startReplicaAt(t *testing.T, at replica.Addresses, settings ...string) *instance {
	t.Helper()
	return startReplicaWith(t, at, replica.Options{}, settings...)
}

// startReplicaWith starts a replica with options. Without a logger it logs to the test.
func startReplicaWith(t *testing.T, at replica.Addresses, o replica.Options, settings ...string) *instance {
	t.Helper()
	env := map[string]string{"DEV_SIGNIN": "true", "DATABASE_URL": at.DatabaseURL, "REDIS_URL": at.RedisURL, "KAFKA_BROKERS": at.KafkaBrokers, "LIMIT_SIGNINS": "0"}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, env["PORT"], _ = net.SplitHostPort(l.Addr().String())
	for i := 0; i < len(settings); i += 2 {
		env[settings[i]] = settings[i+1]
	}
	cfg, err := config.Load(func(k string) (string, bool) { v, ok := env[k]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(logs{t}, nil))
	}
	n, err := replica.New(cfg, at, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		if err := n.Run(ctx, l, func() { close(ready) }); err != nil {
			t.Errorf("replica: %v", err)
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
	<-ready
	return &instance{t: t, base: "http://" + l.Addr().String(), at: at, replica: n}
}

func need(t *testing.T, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set: run `go tool task test`, or `go run ./test/services/cmd go test ./…`", name)
	}
	return v
}

// logs go to the test's output.
type logs struct{ t *testing.T }

func (l logs) Write(b []byte) (int, error) { l.t.Log(strings.TrimSpace(string(b))); return len(b), nil }

// person is a program that is signed in.
type person struct {
	*instance
	http *http.Client
	chat.Person
}

func (r *instance) signIn(name string) *person {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	p := &person{instance: r, http: &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	var a struct{ User chat.Person }
	p.post("/signin/dev", url.Values{"name": {name}}).into(&a, 200)
	p.Person = a.User
	return p
}

// reply is an answer that was read.
type reply struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

func (r reply) into(v any, status int) {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		r.t.Fatalf("%v: %s", err, r.body)
	}
}

func (r reply) is(status int) {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
}

func (p *person) get(path string, headers ...string) reply {
	return p.do("GET", path, nil, headers...)
}

func (p *person) post(path string, form url.Values, headers ...string) reply {
	return p.do("POST", path, strings.NewReader(form.Encode()), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

func (p *person) do(method, path string, body io.Reader, headers ...string) reply {
	p.t.Helper()
	req, err := http.NewRequest(method, p.base+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	res, err := p.http.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return reply{p.t, res.StatusCode, res.Header, string(b)}
}

// asks asks somebody to be friends.
func (p *person) asks(other *person) chat.Request {
	p.t.Helper()
	var a struct{ Request chat.Request }
	p.post("/requests", url.Values{"person": {other.ID.String()}}).into(&a, http.StatusCreated)
	return a.Request
}

// befriends asks, and the other one accepts.
func (p *person) befriends(other *person) {
	p.t.Helper()
	var a struct{ Request chat.Request }
	other.post("/requests/"+p.asks(other).ID.String()+"/accept", nil).into(&a, http.StatusOK)
	if a.Request.State != chat.RequestAccepted {
		p.t.Fatalf("accepted, it is %+v", a.Request)
	}
}

// opens befriends somebody, and opens the conversation of the two.
func (p *person) opens(friend *person) string {
	p.t.Helper()
	p.befriends(friend)
	var a struct{ Conversation chat.Conversation }
	r := p.post("/conversations", url.Values{"person": {friend.ID.String()}})
	if r.status == http.StatusCreated {
		r.status = http.StatusOK
	}
	r.into(&a, 200)
	return "/conversations/" + a.Conversation.ID.String()
}

func (p *person) sends(conversation, body string) chat.Message {
	p.t.Helper()
	var a struct{ Message chat.Message }
	p.post(conversation+"/messages", url.Values{"body": {body}, "client_id": {chat.NewID().String()}}).into(&a, 201)
	return a.Message
}

// page is what GET answers for a conversation.
type page struct {
	Conversation chat.Conversation
	Messages     []chat.Message
	Pending      []chat.Message
	Complete     bool
}

func (p *person) reads(conversation string) page {
	p.t.Helper()
	var h page
	p.get(conversation).into(&h, 200)
	return h
}
