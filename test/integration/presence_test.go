package integration

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/app/redis"
	"parley/app/replica"
	"parley/test/wait"
)

// twoReplicas share everything; what the second one has to say to Redis goes through a line that can be cut.
func twoReplicas(t *testing.T) (one, two *instance, cut func()) {
	t.Helper()
	at := newAddresses(t)
	one = serveQuickly(t, at)
	u, err := url.Parse(at.RedisURL)
	if err != nil {
		t.Fatal(err)
	}
	u.Host, cut = lineTo(t, u.Host)
	at.RedisURL = u.String()
	return one, serveQuickly(t, at), cut
}

// serveQuickly starts a replica with short intervals of presence.
func serveQuickly(t *testing.T, at replica.Addresses) *instance {
	t.Helper()
	return startReplicaWith(t, at, replica.Options{Presence: &redis.PresenceOptions{
		HeartbeatInterval: 50 * time.Millisecond,
		LeaseDuration:     400 * time.Millisecond,
		OfflineDelay:      time.Second,
		NotifyTimeout:     2 * time.Second,
		BatchDelay:        time.Millisecond,
	}})
}

// lineTo passes a port of its own on to an address until it is cut.
func lineTo(t *testing.T, address string) (local string, cut func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var open []net.Conn
	cut = func() {
		l.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, c := range open {
			c.Close()
		}
	}
	t.Cleanup(cut)
	go func() {
		for {
			here, err := l.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("tcp", address)
			if err != nil {
				here.Close()
				continue
			}
			mu.Lock()
			open = append(open, here, there)
			mu.Unlock()
			go func() { _, _ = io.Copy(there, here); there.Close() }()
			go func() { _, _ = io.Copy(here, there); here.Close() }()
		}
	}()
	return l.Addr().String(), cut
}

// listener is a person's open stream.
type listener struct {
	t      *testing.T
	events chan heard
	close  func()
}

type heard struct{ kind, data string }

func (p *person) listens() *listener {
	p.t.Helper()
	l := p.listensUnready()
	l.hears("ready")
	return l
}

// listensUnready doesn't wait for the stream to be ready, which it isn't without Redis.
func (p *person) listensUnready() *listener {
	p.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, "GET", p.base+"/events?format=json", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	patient := &http.Client{Jar: p.http.Jar}
	res, err := patient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	l := &listener{t: p.t, events: make(chan heard, 1000), close: stop}
	p.t.Cleanup(stop)
	go func() {
		defer res.Body.Close()
		defer close(l.events)
		lines, kind := bufio.NewScanner(res.Body), ""
		for lines.Scan() {
			if k, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				kind = k
			} else if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				l.events <- heard{kind, data}
			}
		}
	}()
	return l
}

// ends waits for the stream's end.
func (l *listener) ends() {
	l.t.Helper()
	for range l.events { // closed with the stream
	}
}

// hears waits for an event of a kind, and answers its data; others before it are passed over, except those that must not come.
func (l *listener) hears(kind string, not ...string) string {
	l.t.Helper()
	deadline := time.After(time.Minute) // a stream that ended is found by its heartbeat
	for {
		select {
		case e, ok := <-l.events:
			if !ok {
				l.t.Fatalf("the stream ended before %s", kind)
			}
			for _, bad := range not {
				if e.kind == bad {
					l.t.Fatalf("heard %s %s", e.kind, e.data)
				}
			}
			if e.kind == kind {
				return e.data
			}
		case <-deadline:
			l.t.Fatalf("did not hear %s", kind)
		}
	}
}

func (l *listener) hearsPresence(of *person, want chat.Presence) {
	l.t.Helper()
	var e chat.PresenceEvent
	if err := json.Unmarshal([]byte(l.hears("presence")), &e); err != nil || e.Person != of.ID || e.Presence != want {
		l.t.Fatalf("heard %+v, %v; want %s %s", e, err, of.Name, want)
	}
}

// presenceOf is a friend's presence, in the list of friends.
func (p *person) presenceOf(friend *person) chat.Presence {
	p.t.Helper()
	var a struct{ Friends []chat.Friend }
	p.get("/friends").into(&a, 200)
	for _, f := range a.Friends {
		if f.ID == friend.ID {
			return f.Presence
		}
	}
	p.t.Fatalf("%s is not among the friends", friend.Name)
	return ""
}

func TestPresenceOnTwoReplicas(t *testing.T) {
	t.Parallel()
	one, two, cut := twoReplicas(t)
	ada, bob := one.signIn("Ada"), two.signIn("Bob")
	talk := ada.opens(bob)
	if got := ada.presenceOf(bob); got != chat.Offline {
		t.Errorf("Bob, who has no stream, is %s", got)
	}
	hers := ada.listens()
	his := bob.listens()
	hers.hearsPresence(bob, chat.Online)
	if got := ada.presenceOf(bob); got != chat.Online {
		t.Errorf("Bob is %s", got)
	}
	if c := ada.reads(talk).Conversation; c.Peer(ada.ID).Presence != chat.Online {
		t.Errorf("in the conversation he is %q", c.Peer(ada.ID).Presence)
	}

	for range 3 { // a reload ends one stream and begins another
		his.close()
		his = bob.listens()
	}
	bob.post(talk+"/typing", nil).is(204)
	hers.hears("typing", "presence")

	page := ada.get(talk, "Accept", "text/html").body
	if !strings.Contains(page, `data-person="`+bob.ID.String()+`" data-presence="online"`) || !strings.Contains(page, ">Active now<") {
		t.Error("the page doesn't show that Bob is active")
	}
	if list := ada.get("/people?q=bob").body; strings.Contains(list, "presence") {
		t.Errorf("people: %s", list)
	}

	cut() // for Redis and the other replica, this one is dead
	hers.hearsPresence(bob, chat.Offline)
	page = ada.get(talk, "Accept", "text/html").body
	if strings.Contains(page, `data-presence="online"`) || !strings.Contains(page, ">Active today<") {
		t.Error("the page doesn't show that Bob was active today")
	}

	bob.instance = one // his browser goes to the other replica
	his = bob.listens()
	hers.hearsPresence(bob, chat.Online)
	his.close()
	for range 3 {
		ada.sends(talk, "Are you there?") // what can't be written to him shows that he isn't
	}
	hers.hearsPresence(bob, chat.Offline)
}

func TestWhoDoesntShareIsOfflineToAll(t *testing.T) {
	t.Parallel()
	one, two, _ := twoReplicas(t)
	ada, bob := one.signIn("Ada"), two.signIn("Bob")
	talk := ada.opens(bob)
	share(t, one.at, bob, false)
	hers := ada.listens()
	his := bob.listens()
	bob.post(talk+"/typing", nil).is(204) // typing he shares
	hers.hears("typing", "presence")
	if got := ada.presenceOf(bob); got != chat.Offline {
		t.Errorf("Ada sees %s", got)
	}
	if got := bob.presenceOf(ada); got != chat.PresenceUnknown {
		t.Errorf("Bob sees %s", got)
	}
	his.close()
	cleo := two.signIn("Cleo")
	cleo.opens(ada)
	theirs := cleo.listens()
	hers.hearsPresence(cleo, chat.Online) // and not that Bob went
	theirs.close()
	if page := ada.get(talk, "Accept", "text/html").body; strings.Contains(page, ">Active") {
		t.Error("the page shows when Bob was active")
	}
}

// share changes what a person shows, in the database.
func share(t *testing.T, at replica.Addresses, p *person, presence bool) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), at.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), "UPDATE users SET share_presence = $2 WHERE id = $1", p.ID, presence); err != nil {
		t.Fatal(err)
	}
}

func TestTypingReachesOnlyThePeer(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada, bob, eve := r.signIn("Ada"), r.signIn("Bob"), r.signIn("Eve")
	talk := ada.opens(bob)
	hers, his, eves := ada.listens(), bob.listens(), eve.listens()
	for range 3 {
		ada.post(talk+"/typing", nil).is(204)
	}
	var e chat.TypingEvent
	if err := json.Unmarshal([]byte(his.hears("typing")), &e); err != nil || e.Person != ada.ID || "/conversations/"+e.ConversationID.String() != talk {
		t.Errorf("Bob heard %+v, %v", e, err)
	}
	ada.sends(talk, "hi")
	his.hears("message", "typing") // what came too often was dropped
	hers.hears("message", "typing")
	eve.post(talk+"/typing", nil).is(404)
	eve.sends(eve.opens(ada), "hello")
	eves.hears("message", "typing")
	stranger := &person{instance: r, http: &http.Client{}}
	stranger.post(talk+"/typing", nil).is(401)
}

func TestDraftsFollowAPerson(t *testing.T) {
	t.Parallel()
	one, two, _ := twoReplicas(t)
	ada, bob := one.signIn("Ada"), one.signIn("Bob")
	talk, other := ada.opens(bob), ada.opens(one.signIn("Cleo"))
	html := []string{"Accept", "text/html"}
	client := chat.NewID().String()
	save := func(body string) {
		t.Helper()
		ada.post(talk+"/draft", url.Values{"body": {body}, "client_id": {client}}).is(204)
	}
	save("Half a <b>thought</b>")

	phone := two.signIn("Ada")
	page := phone.get(talk, html...).body
	for _, want := range []string{">Half a &lt;b&gt;thought&lt;/b&gt;</textarea>", `name="client_id" value="` + client + `"`, `name="draft" value="` + client + `"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page on another device doesn't have %s", want)
		}
	}
	if strings.Contains(page, `class="draft"`) {
		t.Error("the open conversation's row shows the draft that is in its box")
	}
	if page := phone.get(other, html...).body; !strings.Contains(page, `<b class="draft">Draft:</b> Half a &lt;b&gt;thought`) {
		t.Error("the list doesn't show the draft")
	}
	if page := bob.get(talk, html...).body; strings.Contains(page, "Half a") {
		t.Error("Bob reads what wasn't said")
	}
	if c := phone.reads(talk).Conversation; c.Draft.Body != "Half a <b>thought</b>" {
		t.Errorf("JSON has %+v", c.Draft)
	}

	// Without a script: the form posts what the page gave it.
	sent := phone.post(talk+"/messages", url.Values{"body": {"A whole thought"}, "client_id": {client}, "draft": {client}}, html...)
	if sent.status != http.StatusSeeOther {
		t.Fatalf("sending: %d", sent.status)
	}
	wait.Until(t, "the draft is gone", func() bool { return phone.reads(talk).Conversation.Draft.Body == "" })
	save("Half a tho") // late
	page = phone.get(talk, html...).body
	if strings.Contains(page, "Half a") || !strings.Contains(page, "A whole thought") {
		t.Error("a draft came back after its message")
	}
	if strings.Contains(page, `name="client_id" value="`+client) {
		t.Error("the box has the client id of the message that was sent")
	}
	bob.post("/conversations/"+chat.NewID().String()+"/draft", url.Values{"body": {"x"}}).is(404)
	ada.post(talk+"/draft", url.Values{"body": {strings.Repeat("x", chat.MaxBodyBytes+1)}}).is(422)
	ada.post(talk+"/draft", url.Values{"body": {" "}}).is(204)
}
