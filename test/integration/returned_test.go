package integration

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/app/kafka"
	"parley/test/wait"
)

// returned makes a message of theirs come back, and answers its id.
func (p *person) returned(talk string) string {
	id := uuid.NewString()
	p.query(`INSERT INTO returned_messages (id, sender_id, conversation_id, client_id, log_offset, body, reason, sent_at)
		VALUES ($1, $2, $3, gen_random_uuid(), 1, 'words', 'It won’t do.', now())`, id, p.ID, talk)
	return id
}

// query1 asks the database for one text.
func (r *instance) query1(sql string) (text string) {
	r.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, r.at.DatabaseURL)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, sql).Scan(&text); err != nil {
		r.t.Fatal(err)
	}
	return text
}

// refusing makes the database refuse messages that begin with "poison", as a broken constraint would.
func (r *instance) refusing(on bool) {
	r.t.Helper()
	r.query("ALTER TABLE messages DROP CONSTRAINT IF EXISTS planted")
	if on {
		r.query("ALTER TABLE messages ADD CONSTRAINT planted CHECK (body NOT LIKE 'poison%')")
	}
}

func (p *person) returnedHere(talk string) []chat.Returned {
	p.t.Helper()
	var a struct{ Returned []chat.Returned }
	p.get(talk).into(&a, 200)
	return a.Returned
}

// TestDeadLettersComeBack: what the database refuses for its content leaves everybody's page but its sender's, on every replica; replayed when the
// cause is gone it is an ordinary message again.
func TestDeadLettersComeBack(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	other := startReplicaAt(t, r.at)
	ada, bob := r.signIn("Ada"), other.signIn("Bob")
	talk := ada.opens(&person{instance: r, http: bob.http, Person: bob.Person})
	hers, his := ada.hears(), bob.hears()
	r.refusing(true)
	m := ada.sends(talk, "poison of hers")
	fine := ada.sends(talk, "fine")
	if frame := ada.expects(hers, "returned "); !strings.Contains(frame, m.ID.String()) || !strings.Contains(frame, `"reason":"The database would not take it as it is."`) {
		t.Errorf("she hears %s", frame)
	}
	if frame := bob.expects(his, "resync "); !strings.Contains(frame, m.ConversationID.String()) {
		t.Errorf("he hears %s", frame)
	}
	wait.Until(t, "the other is stored", func() bool { return len(ada.reads(talk).Messages) == 1 })
	for _, at := range []*person{ada, {instance: other, http: ada.http, Person: ada.Person}} {
		if got := at.returnedHere(talk); len(got) != 1 || got[0].Message.ID != m.ID || got[0].Message.Body != "poison of hers" || got[0].Reason == "" {
			t.Errorf("she has back %+v", got)
		}
	}
	if page := bob.reads(talk); len(page.Pending) != 0 || len(page.Messages) != 1 || page.Messages[0].ID != fine.ID {
		t.Errorf("he sees %+v", page)
	}
	if html := bob.get(talk, "Accept", "text/html").body + bob.get("/conversations", "Accept", "text/html").body; strings.Contains(html, "poison of hers") || strings.Contains(html, "Not stored") {
		t.Error("he reads what came back to her")
	}
	if list := ada.get("/conversations", "Accept", "text/html").body; !strings.Contains(list, "Not stored:") {
		t.Error("her list says nothing")
	}
	if got := ada.query1("SELECT string_agg(seq::text, ' ' ORDER BY seq) FROM messages"); got != "1" {
		t.Errorf("the numbers are %s", got)
	}

	letters, err := kafka.DeadLetters(context.Background(), r.replica.KafkaOptions)
	if err != nil || len(letters) != 1 {
		t.Fatalf("dead letters %+v, %v", letters, err)
	}
	r.refusing(false)
	if err := r.replica.Producer.Replay(context.Background(), letters[0]); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(bob.expects(his, "stored "), m.ID.String()) {
	}
	if page := bob.reads(talk); len(page.Messages) != 2 || page.Messages[1].ID != m.ID || page.Messages[1].Body != "poison of hers" {
		t.Errorf("replayed, he sees %+v", page)
	}
	if got := ada.returnedHere(talk); len(got) != 0 {
		t.Errorf("replayed, she still has back %+v", got)
	}
	wait.Until(t, "the row is gone", func() bool { return ada.query1("SELECT count(*)::text FROM returned_messages") == "0" })
}

// TestAReturnedMessageWithoutScripts: its words go back into the box behind what is typed there; sent, it is dismissed; Remove dismisses it.
func TestAReturnedMessageWithoutScripts(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	talk := ada.opens(bob)
	id, second := ada.returned(strings.TrimPrefix(talk, "/conversations/")), ada.returned(strings.TrimPrefix(talk, "/conversations/"))
	doc := ada.opensPage(talk)
	row := doc.Find("#returned > #message-" + id)
	if got := strings.Join(strings.Fields(row.Text()), " "); !strings.Contains(got, "words") || !strings.Contains(got, "Not stored. It won’t do.") {
		t.Fatalf("she reads %q", got)
	}
	again := row.Find("[name=again]")
	if again.AttrOr("form", "") != "composer" || again.AttrOr("formaction", "") != talk || again.AttrOr("value", "") != id {
		t.Errorf("no way to send it again: %s", row.Text())
	}
	client := doc.Find("#composer [name=client_id]").AttrOr("value", "")
	back := ada.document(ada.post(talk, url.Values{"body": {"half a sentence"}, "client_id": {client}, "again": {id}}, "Accept", "text/html"))
	form := url.Values{}
	for _, name := range []string{"body", "client_id", "returned"} {
		form.Set(name, back.Find("#composer [name="+name+"]").AttrOr("value", back.Find("#composer [name="+name+"]").Text()))
	}
	if form.Get("body") != "half a sentence\nwords" || form.Get("client_id") == client || form.Get("returned") != id {
		t.Errorf("the box has %v", form)
	}
	if got := ada.post(talk+"/messages", form, "Accept", "text/html"); got.status != http.StatusSeeOther {
		t.Fatalf("sent: %d", got.status)
	}
	if got := ada.returnedHere(talk); len(got) != 1 || got[0].Message.ID.String() != second {
		t.Errorf("sent again, she has back %+v", got)
	}
	if got := bob.post("/returned/"+second+"/dismiss", nil); got.status != http.StatusNotFound {
		t.Errorf("he dismisses hers: %d", got.status)
	}
	action := doc.Find("#message-"+second+" form").AttrOr("action", "")
	if got := ada.post(action, nil, "Accept", "text/html"); got.status != http.StatusSeeOther || got.header.Get("Location") != talk+"#latest" {
		t.Errorf("removed: %d, %s", got.status, got.header.Get("Location"))
	}
	if got := ada.opensPage(talk).Find("#returned .message").Length(); got != 0 {
		t.Errorf("%d are left", got)
	}
	if got := ada.query1("SELECT coalesce(string_agg(body, ''), '') FROM returned_messages"); got != "" {
		t.Errorf("kept of what was dismissed: %q", got)
	}
}
