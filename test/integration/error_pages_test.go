package integration

import (
	"net/url"
	"strings"
	"testing"

	"parley/app/chat"
)

// TestErrorPages: browsers get the same rejections as pages, and a form comes back
// with its text.
func TestErrorPages(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, _, conversation := r.signInFriends()

	long := strings.Repeat("word ", 801)
	got := ada.post(conversation+"/messages", messageForm(long), html...)
	if got.status != 422 || !strings.Contains(got.body, "<textarea") ||
		!strings.Contains(got.body, long[:100]) || !strings.Contains(got.body, "too many") {
		t.Errorf("rejected form: status %d, without its text or its error", got.status)
	}

	if got := ada.get("/conversations/"+chat.NewID().String(), html...); got.status != 404 ||
		!strings.Contains(got.body, "There’s nothing at this address") {
		t.Errorf("page of an unknown conversation: status %d: %s", got.status, got.body)
	}

	stranger := r.visitor()
	if got := stranger.get(conversation, html...); got.status != 303 ||
		got.header.Get("Location") != "/signin?next="+url.QueryEscape(conversation) {
		t.Errorf("signed out, page: status %d to %q", got.status, got.header.Get("Location"))
	}

	if got := stranger.get(conversation, "Accept", "text/html", "HX-Request", "true"); got.status != 401 ||
		got.header.Get("HX-Redirect") == "" {
		t.Errorf("signed out, htmx: status %d", got.status)
	}

	if got := stranger.get("/events", html...); got.status != 200 ||
		!strings.Contains(got.body, "event: signout") {
		t.Errorf("signed out, stream: status %d: %q", got.status, got.body)
	}

	csp := ada.get("/conversations", html...).header.Get("Content-Security-Policy")
	if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") ||
		!strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("Content-Security-Policy %q", csp)
	}
}
