package integration

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"parley/app/chat"
)

// TestConversationDetails: the details count stored messages, and find gaps in their
// seqs if asked to.
func TestConversationDetails(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob, eve := r.signIn("Ada"), r.signIn("Bob"), r.signIn("Eve")
	conversation := ada.openConversation(bob)
	type numbers struct {
		Conversation       chat.Conversation
		First, Last, Count int64
		Missing            []chat.Gap
	}

	check := func() (n numbers) {
		t.Helper()
		ada.get(conversation+"/details").decode(&n, 200)
		return n
	}
	if n := check(); n.Count != 0 || n.Missing == nil || n.Conversation.Title != bob.Name {
		t.Errorf("details of an empty conversation: %+v", n)
	}

	ada.sendStored(conversation, "1", "2", "3", "4")
	if n := check(); n.First != 1 || n.Last != 4 || n.Count != 4 || len(n.Missing) != 0 {
		t.Errorf("details of four messages: %+v", n)
	}

	if got := ada.page(conversation + "/details").Find("main").Text(); !strings.Contains(got, "4 messages") ||
		strings.Contains(got, "missing, ") {
		t.Errorf("page without a check: %s", got)
	}

	if got := ada.page(conversation + "/details?check=1").Find("[data-last]"); got.Text() != "1–4, none missing" ||
		got.AttrOr("data-last", "") != "4" {
		t.Errorf("page with a check: %q", got.Text())
	}

	// Numbers that were checked without a gap are not read again at once.
	conversation = ada.openConversation(r.signIn("Cy"))
	ada.sendStored(conversation, "1", "2", "3", "4")
	r.exec("DELETE FROM messages WHERE conversation_id = $1 AND seq IN (2, 3)", path.Base(conversation))
	if n := check(); n.Count != 2 || len(n.Missing) != 1 || n.Missing[0] != (chat.Gap{From: 2, To: 3}) {
		t.Errorf("details with a gap: %+v", n)
	}
	got := ada.get(conversation+"/details?check=1", htmx...).body
	if got != `<b data-last="4">1–4, 2 missing, the first of them 2</b>` {
		t.Errorf("answer to htmx: %s", got)
	}

	unknown := "/conversations/" + chat.NewID().String()
	for _, path := range []string{conversation + "/details", unknown + "/details", "/conversations/x/details"} {
		eve.get(path).expectStatus(http.StatusNotFound)
	}
}

// TestConversationList: the list is filtered by text, marks the matches and counts
// unread messages.
func TestConversationList(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada := r.signIn("Ada")
	zoe, bob := r.signIn("Zoë Ångström"), r.signIn("Bob")
	zoe.sendStored(zoe.openConversation(ada), "naïve <b>words</b>")
	bob.sendStored(bob.openConversation(ada), "1", "2")
	for q, want := range map[string]string{"zoe ang": "Zoë Ång", "NAIVE": "naïve", "<b>": "<b>"} {
		doc := ada.page("/conversations?q=" + url.QueryEscape(q))
		if got := doc.Find(".conversation mark").Text(); got != want ||
			doc.Find(".conversation").Length() != 1 || doc.Find("#filter").AttrOr("value", "") != q {
			t.Errorf("filter %q marks %q in %d rows", q, got, doc.Find(".conversation").Length())
		}
	}

	got := ada.page("/conversations?q=" + url.QueryEscape("nobody <i>")).Find("nav .empty").Text()
	if !strings.Contains(got, "No conversation has “nobody <i>”") {
		t.Errorf("filter without matches: %q", got)
	}

	doc := ada.page("/conversations")
	if got := doc.Find("title").Text(); got != "(3) Conversations · Parley" {
		t.Errorf("title: %q", got)
	}

	if icon := doc.Find("link[rel=icon]"); !strings.Contains(icon.AttrOr("href", ""), "favicon-unread") ||
		!strings.Contains(icon.AttrOr("data-other", ""), "favicon-") {
		t.Error("the icon does not show unread messages")
	}

	fragment := ada.page("/conversations?q=bob", "HX-Request", "true")
	if counts := fragment.Find("#counts[hx-swap-oob=true]"); counts.AttrOr("data-unread", "") != "3" ||
		counts.AttrOr("data-here", "0") != "0" {
		t.Error("the fragment lacks the counts")
	}
}

// TestConversationWithoutScripts: times, links, refresh and a rejected form work
// without scripts.
func TestConversationWithoutScripts(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob, conversation := r.signInFriends()
	bob.sendStored(conversation, "see https://example.org/?a=1&b=2, and javascript:alert(1)")
	r.exec("UPDATE messages SET sent_at = '2026-03-01T23:30:00Z' WHERE conversation_id = $1", path.Base(conversation))
	r.exec("UPDATE users SET time_zone = 'Asia/Kolkata' WHERE id = $1", ada.ID)
	ada = r.signIn("Ada") // a new session, because settings are cached by session
	doc := ada.page(conversation)
	row := doc.Find("#messages > .message")
	if got := row.Find("time").Text(); got != "05:00" {
		t.Errorf("time: %s", got)
	}
	if day := doc.Find(".day time"); day.AttrOr("datetime", "") != "2026-03-02" {
		t.Errorf("day: %s", day.AttrOr("datetime", ""))
	}

	if links := row.Find("p a"); links.Length() != 1 ||
		links.AttrOr("href", "") != "https://example.org/?a=1&b=2" ||
		links.AttrOr("rel", "") != "noreferrer nofollow" {
		t.Error("the address is no link, or another text is one")
	}

	// A refresh keeps the typed text.
	bob.sendStored(conversation, "another")
	refresh := doc.Find("noscript").Last().Text() // the parser reads noscript as text
	if !strings.Contains(refresh, `formaction="`+conversation+`"`) ||
		!strings.Contains(refresh, "formnovalidate") {
		t.Fatalf("the page has no refresh button: %s", refresh)
	}

	client := doc.Find("[name=client_id]").AttrOr("value", "")
	typed := url.Values{"body": {"half a <sentence>"}, "client_id": {client}}
	again := ada.post(conversation, typed, html...).page(200)
	if got := again.Find("#message").Text(); got != "half a <sentence>" ||
		again.Find("[name=client_id]").AttrOr("value", "") != client ||
		again.Find("#messages > .message").Length() != 2 {
		t.Errorf("after a refresh: composer %q, %d messages", got, again.Find("#messages > .message").Length())
	}

	if got := ada.read(conversation); len(got.Messages) != 2 || got.Conversation.Unread != 0 {
		t.Errorf("a refresh sent a message or did not mark as read: %+v", got.Conversation)
	}

	// A rejected send keeps the text too, and its page links to the conversation.
	tooLong := url.Values{"body": {strings.Repeat("x", 4001)}, "client_id": {client}}
	rejected := ada.post(conversation+"/messages", tooLong, html...)
	if rejected.status != http.StatusUnprocessableEntity ||
		!strings.Contains(rejected.body, strings.Repeat("x", 4001)) ||
		!strings.Contains(rejected.body, `Not live: <a href="`+conversation+`">`) {
		t.Errorf("rejected send: status %d", rejected.status)
	}
}
