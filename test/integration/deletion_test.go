package integration

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/postgres/postgrestest"
	"parley/test/wait"
)

// TestAccountDeletion checks a deletion as the deleted person and as the friend who
// stays.
func TestAccountDeletion(t *testing.T) {
	t.Parallel()
	r, two := sharedPair(t)
	ada, bob := r.signIn("Ada"), r.signIn("Bob").onReplica(two)
	phone := ada.signInAgain(two, iphone)
	conversation := ada.openConversation(bob)
	ada.send(conversation, "stays")
	bob.send(conversation, "too")
	wait.Until(t, "both messages are stored", func() bool { return bob.read(conversation).Conversation.LastSeq == 2 })
	picture := uuid.NewString()
	r.exec("INSERT INTO pictures (hash, media_type, content) VALUES ($1, 'image/png', 'hers')", picture)
	r.exec("UPDATE users SET picture = $2 WHERE id = $1", ada.ID, picture)
	here, there, friend := ada.openStream(), phone.openStream(), bob.openStream()

	dialog := "dialog#delete form[action='/account/delete'] input[name=name]"
	if got := ada.page("/account").Find(dialog).Length(); got != 1 {
		t.Errorf("%d confirmation dialogs, want 1", got)
	}
	if got := words(ada.page("/account/delete").Find("main form b")); got != ada.Name {
		t.Errorf("name on the page without scripts: %q", got)
	}

	doc := ada.post("/account/delete", url.Values{"name": {"<b>Bob"}}, html...).page(422)
	if v := doc.Find("#sure[aria-invalid=true]").AttrOr("value", ""); v != "<b>Bob" ||
		!strings.Contains(words(doc.Find("#sure-problem[role=alert]")), "Nothing was deleted") {
		t.Errorf("rejected name in the form: %q", v)
	}

	got := ada.post("/account/delete", url.Values{"name": {strings.ToLower(ada.Name)}}, html...)
	if got.status != http.StatusSeeOther || got.header.Get("Location") != "/" {
		t.Fatalf("deletion: status %d to %q: %s", got.status, got.header.Get("Location"), got.body)
	}
	status := words(ada.page("/").Find(".pitch [role=status]"))
	if !strings.HasPrefix(status, "Your account is deleted.") {
		t.Errorf("status on the front page: %q", status)
	}
	if again := words(ada.page("/").Find(".pitch [role=status]")); again != "" {
		t.Errorf("status on the front page's second load: %q", again)
	}

	for _, s := range []*stream{here, there} {
		s.waitFor("signout")
		s.waitForEnd()
	}

	friend.waitFor("friend")
	for _, p := range []*person{ada, phone} {
		p.get("/account").expectStatus(401)
	}

	h := bob.read(conversation)
	if h.Conversation.Title != chat.DeletedName || len(h.Messages) != 2 || h.Messages[0].Body != "stays" ||
		h.Messages[0].Sender.Name != chat.DeletedName {
		t.Errorf("Bob's conversation: %+v", h)
	}

	if got := bob.post(conversation+"/messages", messageForm("Ada?")); got.status != 403 ||
		!strings.Contains(got.body, "not-friends") {
		t.Errorf("Bob's send: status %d: %s", got.status, got.body)
	}

	if title := words(bob.get(conversation, html...).page(200).Find("h1")); title != chat.DeletedName {
		t.Errorf("heading of Bob's page: %q", title)
	}

	again := r.signIn("Ada")
	if again.ID == ada.ID || again.get(conversation).status != 404 {
		t.Error("a new account of the same name has the old account's id or conversation")
	}

	for table, where := range map[string]string{
		"sessions":        "user_id",
		"identities":      "user_id",
		"drafts":          "user_id",
		"friendships":     "low_id",
		"blocks":          "blocker_id",
		"friend_requests": "asker_id",
	} {
		if n := r.count("SELECT count(*) FROM "+table+" WHERE "+where+" = $1", ada.ID); n != 0 {
			t.Errorf("%d rows of the deleted account in %s", n, table)
		}
	}

	if n := r.count("SELECT count(*) FROM pictures WHERE hash = $1", picture); n != 0 {
		t.Error("the deleted account's picture is stored")
	}
	emptied := `SELECT count(*) FROM users WHERE id = $1 AND name = 'Deleted person'
		AND folded_name = '' AND picture = '' AND deleted_at IS NOT NULL`
	if n := r.count(emptied, ada.ID); n != 1 {
		t.Error("the deleted account's row still has its fields")
	}
}

// TestUnpublishedDeletion: if the process ends between the commit and the event, the
// next check of the sessions finds the deletion.
func TestUnpublishedDeletion(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada := r.signIn("Ada")
	open := ada.openStream()
	if _, err := postgrestest.Open(t, r.addresses.DatabaseURL).DeleteAccount(context.Background(), ada.ID); err != nil {
		t.Fatal(err)
	}

	r.replica.RecheckSessions(context.Background())
	open.waitFor("signout")
	open.waitForEnd()
	ada.get("/account").expectStatus(401)
}
