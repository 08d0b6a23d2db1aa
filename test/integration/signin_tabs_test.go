package integration

import (
	"net/url"
	"strings"
	"testing"

	"parley/test/openid"
)

// flowCookies returns how many flows the browser keeps, and the size of their cookies.
func (p *person) flowCookies() (n, bytes int) {
	for _, c := range p.cookies() {
		if strings.HasPrefix(c.Name, "parley-signin-") {
			n, bytes = n+1, bytes+len(c.Name)+len(c.Value)+3
		}
	}
	return n, bytes
}

// TestSignInInSeveralTabs: each tab's sign-in ends by itself, in any order.
func TestSignInInSeveralTabs(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	r := startReplica(t, op.Settings()...)
	for name, order := range map[string][]int{"in order": {0, 1}, "the last first": {1, 0}} {
		ada := r.visitor()
		tabs := []string{ada.startSignIn("/friends"), ada.startSignIn("/requests")}
		for _, tab := range order {
			if next := ada.browse(tabs[tab]).location(); next != []string{"/friends", "/requests"}[tab] || !ada.signedIn() {
				t.Errorf("%s: tab %d leads to %s", name, tab, next)
			}
		}
		if n, _ := ada.flowCookies(); n != 0 {
			t.Errorf("%s: %d flows are left", name, n)
		}
	}

	ada := r.visitor()
	callback := ada.startSignIn("/friends")
	for _, stray := range []string{
		"", "?error=access_denied", "?code=x", "?state=x&code=x", "?state=&error=server_error",
		"?" + url.Values{"state": {"a\x00b"}}.Encode(),
	} {
		if got := ada.browse("/auth/oidc/callback" + stray); got.status != 400 {
			t.Errorf("stray callback %q: status %d", stray, got.status)
		}
	}
	ada.do("HEAD", strings.TrimPrefix(callback, r.base), nil).expectStatus(403)
	if next := ada.browse(callback).location(); next != "/friends" || !ada.signedIn() {
		t.Errorf("after stray callbacks the flow leads to %s", next)
	}
}

// TestFlowCookiesAreBounded: of many beginnings the last three are kept, with at most 4 KB.
func TestFlowCookiesAreBounded(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	r := startReplica(t, op.Settings()...)
	ada := r.visitor()
	ada.setCookie("parley-signin-forged", "x")
	var callbacks []string
	for range 6 {
		callbacks = append(callbacks, ada.startSignIn("/people?q="+strings.Repeat("ä", 90)))
	}
	if n, size := ada.flowCookies(); n != 3 || size > 4<<10 {
		t.Errorf("%d flows with %d bytes, want 3 with at most 4096", n, size)
	}

	ada.expectRejected("the first flow", callbacks[0], 400, "is over")
	for _, callback := range callbacks[3:] {
		if got := ada.browse(callback); got.status != 303 {
			t.Errorf("status %d: %s", got.status, got.body)
		}
	}
}

// TestOtherPagesSpendNothing: what a page of another site can make a browser do spends
// neither an address' sign-ins nor a person's rate limits.
func TestOtherPagesSpendNothing(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	r := startReplica(t, append(op.Settings(), "LIMIT_SIGNINS", "2,0.001", "LIMIT_SEARCHES", "1,0.001",
		"LIMIT_STREAMS_PER_USER", "1")...)

	fetches := map[string][]string{
		"image":    {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"},
		"frame":    {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"},
		"script":   {"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"},
		"prefetch": {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Purpose", "prefetch"},
	}

	navigation := []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}
	ada := r.visitor()
	for kind, headers := range fetches {
		for range 15 {
			if got := ada.browse("/auth/oidc", headers...); got.status != 403 {
				t.Fatalf("%s: status %d, want 403", kind, got.status)
			}
		}
	}

	// Beginnings that nobody finishes, and stray callbacks, don't spend sign-ins either.
	for range 5 {
		ada.browse("/auth/oidc", navigation...).location()
		ada.browse("/auth/oidc/callback?state=x&code=x", navigation...).expectStatus(400)
	}

	ada.signInWithProvider()
	ada.post("/welcome", url.Values{"name": {"Ada"}}).expectStatus(200)
	for kind, headers := range fetches {
		for _, path := range []string{"/people?q=bob", "/events", "/account/export", "/conversations"} {
			if got := ada.get(path, headers...); got.status != 403 {
				t.Errorf("%s of %s: status %d, want 403", kind, path, got.status)
			}
		}
	}
	ada.get("/people?q=bob", navigation...).expectStatus(200)

	// The limit holds where it is spent: at the callback, which can be repeated later.
	r.visitor().signInWithProvider()
	late := r.visitor()
	callback := late.startSignIn("/friends")
	late.browse(callback).expectRetryAfter("third sign-in", 429)
	if n, _ := late.flowCookies(); n != 1 {
		t.Errorf("%d flows after a rejected sign-in, want 1", n)
	}
}
