package integration

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/app/postgres/postgrestest"
	"parley/test/wait"
)

type listed struct {
	ID      uuid.UUID
	Current bool
	Device  string
	SeenAt  time.Time `json:"seen_at"`
}

func (p *person) sessions() (list []listed) {
	p.t.Helper()
	var a struct{ Sessions []listed }
	p.get("/account/sessions").into(&a, 200)
	return a.Sessions
}

// at signs the same person in with another browser.
func (p *person) at(r *instance, agent string) *person {
	p.t.Helper()
	again := r.signIn("Nobody")
	again.post("/signin/dev", url.Values{"name": {p.Name}}, "User-Agent", agent)
	return &person{instance: r, http: again.http, Person: p.Person}
}

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
	iphone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)

func TestRevokedSessionsEndEverywhere(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	two := startReplicaAt(t, r.at)
	ada, eve := r.signIn("Ada"), r.signIn("Eve")
	phone, desk := ada.at(two, iphone), ada.at(two, firefox)
	var current, onPhone, onDesk listed
	for _, s := range ada.sessions() {
		switch {
		case s.Current:
			current = s
		case s.Device == "Safari on iPhone":
			onPhone = s
		case s.Device == "Firefox on Linux":
			onDesk = s
		}
	}
	if len(ada.sessions()) != 3 || onPhone.ID == uuid.Nil || onDesk.ID == uuid.Nil {
		t.Fatalf("listed are %+v", ada.sessions())
	}
	streams := []*listener{phone.listens(), phone.listens()}
	stays := desk.listens()
	revoke := func(p *person, s listed, headers ...string) reply {
		return p.post("/account/sessions/"+s.ID.String()+"/revoke", nil, headers...)
	}
	if got := revoke(eve, onPhone); got.status != 404 {
		t.Fatalf("somebody else's session: %d", got.status)
	}
	for _, id := range []string{"42", uuid.NewString()} {
		if got := ada.post("/account/sessions/"+id+"/revoke", nil); got.status != 404 {
			t.Errorf("session %s: %d", id, got.status)
		}
	}
	doc := ada.leadsTo(revoke(ada, onPhone, html...), "/account?saved=sessions#sessions")
	if words(doc.Find("#sessions-saved")) != "Signed out there" || doc.Find("#session-"+onPhone.ID.String()).Length() != 0 ||
		!strings.Contains(words(doc.Find("#session-"+current.ID.String())), "This one") ||
		words(doc.Find("#session-"+onDesk.ID.String()+" button")) != "Sign out of Firefox on Linux" {
		t.Errorf("the page after it: %s", words(doc.Find("section[aria-labelledby=sessions]")))
	}
	for _, s := range streams {
		s.hears("signout")
		s.ends()
	}
	wait.Until(t, "the other replica lets the phone in no more", func() bool { return phone.get("/account").status == 401 })
	if got := desk.get("/account").status; got != 200 {
		t.Errorf("the desk: %d", got)
	}
	if got := ada.post("/account/sessions/revoke-others", nil); got.status != 204 {
		t.Errorf("all others: %d %s", got.status, got.body)
	}
	stays.hears("signout")
	if list := ada.sessions(); len(list) != 1 || !list[0].Current {
		t.Errorf("left are %+v", list)
	}
	if len(eve.sessions()) != 1 {
		t.Error("somebody else was signed out")
	}
	if got := revoke(ada, current, html...); got.status != 303 || got.header.Get("Location") != "/" || !strings.Contains(got.header.Get("Set-Cookie"), "1970") {
		t.Errorf("oneself: %d to %q", got.status, got.header.Get("Location"))
	}
	if got := ada.get("/account").status; got != 401 {
		t.Errorf("afterwards: %d", got)
	}
}

// TestUnheardEnds: a session that ended without a word (its replica died after the commit, Redis was away) loses its streams and its cached
// right by the next check.
func TestUnheardEnds(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada := r.signIn("Ada")
	other := ada.at(r, firefox)
	ended, stays := other.listens(), ada.listens()
	other.get("/account").is(200) // cached, now that what its sign-in invalidated has been heard
	store := postgrestest.Open(t, r.at.DatabaseURL)
	r.replica.Bus.Broadcast(context.Background(), chat.ResyncEvent{}) // behind what the sign-ins had forgotten
	ended.hears("resync")
	if got := other.get("/account").status; got != 200 {
		t.Fatalf("signed in: %d", got)
	}
	for _, s := range ada.sessions() {
		if !s.Current {
			if err := store.DeleteSession(context.Background(), s.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := other.get("/account").status; got != 200 {
		t.Fatalf("the cache didn't hold: %d", got)
	}
	r.replica.RecheckSessions(context.Background())
	ended.hears("signout")
	ended.ends()
	if got := other.get("/account").status; got != 401 {
		t.Errorf("afterwards: %d", got)
	}
	ada.post("/account/sessions/revoke-others", nil)
	r.replica.Hub.SetDown([]string{"redis"}) // something for the other stream to hear
	stays.hears("mode")
}

// TestUseIsWritten for a session that was last used long ago, and not within a minute.
func TestUseIsWritten(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada := r.signIn("Ada")
	fresh := ada.sessions()[0].SeenAt
	r.replica.WriteSeen(context.Background())
	if got := ada.sessions()[0].SeenAt; !got.Equal(fresh) {
		t.Errorf("moved within a minute, to %v", got)
	}
	r.sql("UPDATE sessions SET seen_at = seen_at - interval '1 hour'")
	old := ada.sessions()[0].SeenAt
	two := startReplicaAt(t, r.at) // which has nothing cached
	if got := ada.elsewhere(two).get("/account").status; got != 200 {
		t.Fatalf("status %d", got)
	}
	two.replica.WriteSeen(context.Background())
	if got := ada.sessions()[0].SeenAt; !got.After(old) {
		t.Errorf("stayed at %v", got)
	}
}

// sql changes the database behind everybody's back.
func (r *instance) sql(statement string, values ...any) {
	r.t.Helper()
	conn, err := pgx.Connect(context.Background(), r.at.DatabaseURL)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), statement, values...); err != nil {
		r.t.Fatal(err)
	}
}

func (r *instance) count(query string, values ...any) (n int) {
	r.t.Helper()
	conn, err := pgx.Connect(context.Background(), r.at.DatabaseURL)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(context.Background(), query, values...).Scan(&n); err != nil {
		r.t.Fatal(err)
	}
	return n
}
