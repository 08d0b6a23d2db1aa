package integration

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/test/wait"
)

// sessionRow is a session in the list of a person's sessions.
type sessionRow struct {
	ID      uuid.UUID
	Current bool
	Device  string
	SeenAt  time.Time `json:"seen_at"`
}

func (p *person) sessions() (list []sessionRow) {
	p.t.Helper()
	var a struct{ Sessions []sessionRow }
	p.get("/account/sessions").decode(&a, 200)
	return a.Sessions
}

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
	iphone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15" +
		" (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)

// TestRevokedSessions: a revoked session is rejected on every replica and its
// streams end. Other sessions remain.
func TestRevokedSessions(t *testing.T) {
	t.Parallel()
	r, two := sharedPair(t)
	ada, eve := r.signIn("Ada"), r.signIn("Eve")
	phone, desk := ada.signInAgain(two, iphone), ada.signInAgain(two, firefox)
	var current, onPhone, onDesk sessionRow
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
		t.Fatalf("sessions: %+v", ada.sessions())
	}

	streams := []*stream{phone.openStream(), phone.openStream()}
	stays := desk.openStream()
	revoke := func(p *person, s sessionRow, headers ...string) reply {
		return p.post("/account/sessions/"+s.ID.String()+"/revoke", nil, headers...)
	}
	if got := revoke(eve, onPhone); got.status != 404 {
		t.Fatalf("revoking another person's session: status %d", got.status)
	}

	for _, id := range []string{"42", uuid.NewString()} {
		ada.post("/account/sessions/"+id+"/revoke", nil).expectStatus(404)
	}

	doc := ada.follow(revoke(ada, onPhone, html...), "/account?saved=sessions#sessions")
	if words(doc.Find("#sessions-saved")) != "Signed out there" ||
		doc.Find("#session-"+onPhone.ID.String()).Length() != 0 ||
		!strings.Contains(words(doc.Find("#session-"+current.ID.String())), "This one") ||
		words(doc.Find("#session-"+onDesk.ID.String()+" button")) != "Sign out of Firefox on Linux" {
		t.Errorf("page after revoking: %s", words(doc.Find("section[aria-labelledby=sessions]")))
	}

	for _, s := range streams {
		s.waitFor("signout")
		s.waitForEnd()
	}

	wait.Until(t, "the other replica rejects the revoked session", func() bool {
		return phone.get("/account").status == 401
	})
	desk.get("/account").expectStatus(200)
	ada.post("/account/sessions/revoke-others", nil).expectStatus(204)

	stays.waitFor("signout")
	if list := ada.sessions(); len(list) != 1 || !list[0].Current {
		t.Errorf("sessions after revoking all others: %+v", list)
	}
	if len(eve.sessions()) != 1 {
		t.Error("another person's session was revoked")
	}

	if got := revoke(ada, current, html...); got.status != 303 || got.header.Get("Location") != "/" ||
		!strings.Contains(got.header.Get("Set-Cookie"), "1970") {
		t.Errorf("revoking the current session: status %d to %q", got.status, got.header.Get("Location"))
	}

	ada.get("/account").expectStatus(401)
}

// TestRevokedSessionsWithSlowBodies: a request whose body arrives after the end of its session does
// nothing, on another replica too.
func TestRevokedSessionsWithSlowBodies(t *testing.T) {
	t.Parallel()
	one, two := sharedPair(t)
	ada := one.signIn("Ada")
	bob := one.signIn("Bob")
	conversation := ada.openConversation(bob)
	thief := ada.signInAgain(two, firefox)
	var waiting []net.Conn
	bodies := map[net.Conn]string{}
	for path, body := range map[string]string{
		conversation + "/messages":              "body=hi&client_id=0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a10",
		conversation + "/draft":                 "body=hi&client_id=0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a11",
		"/people/" + bob.ID.String() + "/block": "x=y",
		"/account/profile":                      "name=Thief",
		"/account/export":                       "x=y",
		"/account/delete":                       url.Values{"name": {ada.Name}}.Encode(),
		"/account/sessions/revoke-others":       "x=y",
		"/signout":                              "x=y",
	} {
		c := two.connections(1, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nCookie: parley=%s\r\n"+
			"Accept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
			path, thief.token(), len(body), body[:1]))[0]
		waiting, bodies[c] = append(waiting, c), body[1:]
	}
	thief.get("/account").expectStatus(200) // meanwhile the handlers of the other requests begin

	ada.post("/account/sessions/revoke-others", nil).expectStatus(204)
	wait.Until(t, "the session has ended", func() bool { return thief.get("/account").status == 401 })
	for _, c := range waiting {
		if _, err := io.WriteString(c, bodies[c]); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != 401 {
			t.Errorf("status %d of the request with the body %q, want 401", res.StatusCode, bodies[c])
		}
	}
	ada.get("/account").expectStatus(200)
	ada.expectMessages(conversation)
}
