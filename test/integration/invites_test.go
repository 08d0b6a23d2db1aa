package integration

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"
)

// inviteURL returns a person's invite link; renew makes a new one.
func (p *person) inviteURL(renew string) string {
	p.t.Helper()
	var a struct {
		Invite struct {
			URL       string
			ExpiresAt time.Time `json:"expires_at"`
		}
	}
	p.post("/people/invite", url.Values{"renew": {renew}}).decode(&a, http.StatusOK)
	if left := time.Until(a.Invite.ExpiresAt); left > 7*24*time.Hour || left < (7*24-2)*time.Hour {
		p.t.Errorf("the link expires in %v, want some 7 days", left)
	}
	return a.Invite.URL
}

func (p *person) inviteToken() string { return path.Base(p.inviteURL("")) }

// TestInvite: a link of one replica makes friends on another, once, and live for the
// inviter. It says nothing to people who aren't signed in, and the same for every reason
// for which it doesn't work.
func TestInvite(t *testing.T) {
	t.Parallel()
	one, two := sharedPair(t)
	ada, bob, eve := one.signIn("Ada"), two.signIn("Bob"), two.signIn("Eve")
	address := ada.inviteURL("")
	link := strings.TrimPrefix(address, ada.base)
	if !strings.HasPrefix(link, "/invite/") {
		t.Fatalf("the link is %s", address)
	}

	visitor := two.visitor()
	res := visitor.get(link, html...)
	if got := res.header.Get("Location"); res.status != 303 || got != "/signin?next="+url.QueryEscape(link) {
		t.Errorf("signed out: status %d, to %s", res.status, got)
	}
	front := visitor.get("/signin?next="+url.QueryEscape(link), html...)
	if !strings.Contains(front.body, "Somebody has invited you") || strings.Contains(front.body, ada.Name) ||
		front.header.Get("X-Robots-Tag") != "noindex" {
		t.Errorf("sign-in page: %s", front.body)
	}

	stream := ada.openStream()
	for range 2 { // showing changes nothing
		res := bob.get(link, html...)
		if page := res.page(200); !strings.Contains(words(page.Find("main")), ada.Name) {
			t.Errorf("the page says %q", words(page.Find("main")))
		}
		if res.header.Get("X-Robots-Tag") != "noindex" || res.header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("headers %v", res.header)
		}
	}
	if friends := bob.get("/friends").body; strings.Contains(friends, ada.Name) {
		t.Fatalf("the page made friends: %s", friends)
	}

	accepted := bob.post(link, nil, html...)
	again := bob.post(link, nil, html...)
	to := accepted.header.Get("Location")
	if accepted.status != 303 || !strings.HasPrefix(to, "/conversations/") || again.header.Get("Location") != to {
		t.Errorf("accepted: status %d, to %s; again: to %s", accepted.status, to, again.header.Get("Location"))
	}
	if got := stream.waitFor("friend"); !strings.Contains(got, bob.Name) || !strings.Contains(got, `"mine":false`) {
		t.Errorf("event of the inviter: %s", got)
	}
	for p, friend := range map[*person]*person{ada: bob, bob: ada} {
		if friends := p.get("/friends").body; strings.Count(friends, friend.Name) != 1 {
			t.Errorf("friends of %s: %s", p.Name, friends)
		}
	}

	// Revoked, forged and unknown links are answered alike.
	renewed := strings.TrimPrefix(ada.inviteURL("on"), ada.base)
	if eve.get(renewed).status != 200 {
		t.Error("the new link doesn't work")
	}
	for _, accept := range []string{"application/json", "text/html"} {
		over := withoutReference(eve.get(link, "Accept", accept))
		if !strings.Contains(over, "This link doesn’t work any more") {
			t.Errorf("the old link says %s", over)
		}
		forged := link[:len(link)-8] + "AAAAAAAA"
		for _, other := range []string{forged, "/invite/nothing", "/invite/" + strings.Repeat("A", 54), link + "x"} {
			if got := withoutReference(eve.get(other, "Accept", accept)); got != over {
				t.Errorf("%s says %s", other, got)
			}
		}
	}
	eve.post(link, nil).expectStatus(404)
	eve.post(renewed, nil, "Sec-Fetch-Site", "cross-site").expectStatus(403)
	eve.post(renewed, nil).expectStatus(200)
}
