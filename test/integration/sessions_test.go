package integration

import (
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
