package integration

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/app/chat"
	"parley/app/postgres/postgrestest"
	"parley/test/wait"
)

// TestDeletion, as the one who leaves and the one who stays see it.
func TestDeletion(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	two := startReplicaAt(t, r.at)
	ada, bob := r.signIn("Ada"), r.signIn("Bob").elsewhere(two)
	phone := ada.at(two, iphone)
	talk := ada.opens(bob)
	ada.sends(talk, "stays")
	bob.sends(talk, "too")
	wait.Until(t, "both are stored", func() bool { return bob.reads(talk).Conversation.LastSeq == 2 })
	r.sql("INSERT INTO pictures (hash, media_type, content) VALUES ('ab', 'image/png', 'hers')")
	r.sql("UPDATE users SET picture = 'ab' WHERE id = $1", ada.ID)
	here, there, friend := ada.listens(), phone.listens(), bob.listens()

	if got := ada.get("/account", html...).page(200).Find("dialog#delete form[action='/account/delete'] input[name=name]").Length(); got != 1 {
		t.Errorf("%d dialogs", got)
	}
	if got := words(ada.get("/account/delete", html...).page(200).Find("main form b")); got != "Ada" {
		t.Errorf("the page without a script asks for %q", got)
	}
	doc := ada.post("/account/delete", url.Values{"name": {"<b>Bob"}}, html...).page(422)
	if v := doc.Find("#sure[aria-invalid=true]").AttrOr("value", ""); v != "<b>Bob" || !strings.Contains(words(doc.Find("#sure-problem[role=alert]")), "Nothing was deleted") {
		t.Errorf("another name comes back as %q", v)
	}
	got := ada.post("/account/delete", url.Values{"name": {"ada"}}, html...)
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/" {
		t.Fatalf("deleted: %d to %q, %s", got.status, got.header.Get("Location"), got.body)
	}
	if said := words(ada.get("/", html...).page(200).Find(".pitch [role=status]")); !strings.HasPrefix(said, "Your account is deleted.") {
		t.Errorf("the front page says %q", said)
	}
	if said := words(ada.get("/", html...).page(200).Find(".pitch [role=status]")); said != "" {
		t.Errorf("the front page says again %q", said)
	}
	for _, s := range []*listener{here, there} {
		s.hears("signout")
		s.ends()
	}
	friend.hears("friend")
	for _, p := range []*person{ada, phone} {
		if got := p.get("/account").status; got != 401 {
			t.Errorf("signed out: %d", got)
		}
	}

	h := bob.reads(talk)
	if h.Conversation.Title != chat.DeletedName || len(h.Messages) != 2 || h.Messages[0].Body != "stays" || h.Messages[0].Sender.Name != chat.DeletedName {
		t.Errorf("Bob reads %+v", h)
	}
	if got := bob.post(talk+"/messages", url.Values{"body": {"Ada?"}, "client_id": {chat.NewID().String()}}); got.status != 403 || !strings.Contains(got.body, "not-friends") {
		t.Errorf("Bob writes: %d %s", got.status, got.body)
	}
	if title := words(bob.get(talk, html...).page(200).Find("h1")); title != chat.DeletedName {
		t.Errorf("Bob's page is headed %q", title)
	}
	again := r.signIn("Ada")
	if again.ID == ada.ID || again.get(talk).status != 404 {
		t.Error("the same name, new, is the old account")
	}
	for table, where := range map[string]string{"sessions": "user_id", "identities": "user_id", "drafts": "user_id", "friendships": "low_id", "blocks": "blocker_id", "friend_requests": "asker_id"} {
		if n := r.count("SELECT count(*) FROM "+table+" WHERE "+where+" = $1", ada.ID); n != 0 {
			t.Errorf("%d of hers are left in %s", n, table)
		}
	}
	if n := r.count("SELECT count(*) FROM pictures WHERE hash = 'ab'"); n != 0 {
		t.Error("her picture is left")
	}
	if n := r.count("SELECT count(*) FROM users WHERE id = $1 AND name = 'Deleted person' AND folded_name = '' AND picture = '' AND deleted_at IS NOT NULL", ada.ID); n != 1 {
		t.Error("her row isn't emptied")
	}
}

// TestUnheardDeletion: the process dies between the commit and its word to the others.
func TestUnheardDeletion(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada := r.signIn("Ada")
	open := ada.listens()
	if _, err := postgrestest.Open(t, r.at.DatabaseURL).DeleteAccount(context.Background(), ada.ID); err != nil {
		t.Fatal(err)
	}
	r.replica.RecheckSessions(context.Background())
	open.hears("signout")
	open.ends()
	if got := ada.get("/account").status; got != 401 {
		t.Errorf("afterwards: %d", got)
	}
}
