package integration

import (
	"net/url"
	"strings"
	"testing"

	"parley/app/chat"
	"parley/test/wait"
)

// TestRefusedFormsOfHTMX: the answer to a form that htmx posted is a fragment whose sentence
// says what is wrong, never a page.
func TestRefusedFormsOfHTMX(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	conversation := ada.openConversation(bob)
	for path, form := range map[string]url.Values{
		"/signin/dev":                {"name": {""}},
		"/welcome":                   {"name": {""}},
		"/account/profile":           {"name": {""}},
		"/account/picture":           {"picture": {"none"}},
		"/account/appearance":        {"theme": {"plaid"}},
		"/account/zone":              {"time_zone": {"Nowhere/Land"}},
		"/account/privacy":           {"share_read": {"maybe"}},
		"/account/delete":            {"name": {"Somebody"}},
		conversation + "/messages":   {"body": {" "}, "client_id": {"x"}},
		conversation + "/draft":      {"body": {"x"}, "client_id": {"x"}},
		conversation + "/read":       {"seq": {"x"}},
		"/conversations":             {"person": {"x"}},
		"/requests":                  {"person": {"x"}},
		"/people/x/block":            {},
		"/friends/x/remove":          {},
		"/requests/x/accept":         {},
		"/account/sessions/x/revoke": {},
		"/returned/x/dismiss":        {},
	} {
		got := ada.post(path, form, htmx...)
		if got.status != 422 && got.status != 404 {
			t.Errorf("%s: status %d", path, got.status)
		}
		if len(got.body) > 1000 || strings.Contains(got.body, "<html") || strings.TrimSpace(got.body) == "" {
			t.Errorf("%s: answer of %d bytes: %.200s", path, len(got.body), got.body)
		}
	}
}

// TestOnlyShownPagesCountAsRead: what no tab shows moves no read mark.
func TestOnlyShownPagesCountAsRead(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	conversation := ada.openConversation(bob)
	ada.send(conversation, "unread")
	unread := func() int {
		var list struct {
			Conversations []struct{ Unread int }
		}
		bob.get("/conversations").decode(&list, 200)
		return list.Conversations[0].Unread
	}
	wait.Until(t, "the message is stored", func() bool { return unread() == 1 })

	for what, headers := range map[string][]string{
		"image":    {"Sec-Fetch-Dest", "image"},
		"iframe":   {"Sec-Fetch-Dest", "iframe"},
		"script":   {"Sec-Fetch-Dest", "empty", "Sec-Fetch-Mode", "cors"},
		"prefetch": {"Sec-Purpose", "prefetch"},
		"preview":  {"Purpose", "prefetch"},
	} {
		bob.browse(conversation, headers...)
		if unread() != 1 {
			t.Errorf("a GET as %s moved the read mark", what)
		}
	}
	bob.do("HEAD", conversation, nil, html...)
	if unread() != 1 {
		t.Error("HEAD moved the read mark")
	}

	bob.browse(conversation, "Sec-Fetch-Dest", "document", "Sec-Fetch-Mode", "navigate").expectStatus(200)
	if unread() != 0 {
		t.Error("a page in a tab did not move the read mark")
	}
}

// TestWordsOfASignedOutPerson: a plain form is answered by the sign-in page with its words, the
// script by a problem, and a form without words by a redirect; each leads back to its page.
func TestWordsOfASignedOutPerson(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	conversation := ada.openConversation(bob)
	stranger := r.visitor()
	form := url.Values{"body": {"\n<b>words</b>"}, "client_id": {chat.NewID().String()}}
	plain := append([]string{"Referer", r.base + conversation + "?at=7"}, html...)

	page := stranger.post(conversation+"/messages", form, plain...).page(401)
	if got := page.Find("#words").Text(); got != "\n<b>words</b>" {
		t.Errorf("the page has the words %q", got)
	}
	if next, _ := page.Find("[name=next]").Attr("value"); next != conversation+"?at=7" {
		t.Errorf("the sign-in leads to %q", next)
	}

	stranger.post(conversation+"/messages", form, append(plain, htmx...)...).expectStatus(401)
	stranger.post(conversation+"/messages", form).expectStatus(401)
	for referer, want := range map[string]string{
		r.base + conversation:        "/signin?next=" + url.QueryEscape(conversation),
		"":                           "/signin",
		"https://example.org//evil/": "/signin",
	} {
		got := stranger.post(conversation+"/read", url.Values{"seq": {"1"}}, append(html, "Referer", referer)...)
		if got.expectStatus(303); got.location() != want {
			t.Errorf("from %q the form leads to %q, want %q", referer, got.location(), want)
		}
	}
}

// TestRequestsOfAnotherPerson: what a page or the outbox of one person sends is refused while
// another person is signed in.
func TestRequestsOfAnotherPerson(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	conversation := ada.openConversation(bob)
	post := func(of *person) reply {
		form := url.Values{"body": {"of " + of.ID.String()}, "client_id": {chat.NewID().String()}}
		return bob.post(conversation+"/messages", form, "Parley-Person", of.ID.String())
	}
	post(ada).expectStatus(401)
	post(bob).expectStatus(201)
	bob.get("/conversations", "Parley-Person", ada.ID.String()).expectStatus(401)
}
