package integration

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/app/kafka"
	"parley/test/wait"
)

// insertReturned inserts a returned message of this person and returns its id.
func (p *person) insertReturned(conversation string) string {
	id := uuid.NewString()
	p.exec(`INSERT INTO returned_messages
			(id, sender_id, conversation_id, client_id, log_offset, body, reason, sent_at)
		VALUES ($1, $2, $3, gen_random_uuid(), 1, 'words', 'It won’t do.', now())`, id, p.ID, conversation)
	return id
}

// TestReturnedMessage: a message that the database rejects for its content is
// returned to its sender and disappears for everybody else, on every replica.
// Replayed after the cause is fixed, it is an ordinary message.
func TestReturnedMessage(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	other := startReplicaAt(t, r.addresses)
	ada, bob := r.signIn("Ada"), other.signIn("Bob")
	conversation := ada.openConversation(bob.onReplica(r))
	adaStream, bobStream := ada.openStream(), bob.openStream()
	r.rejectPoison(true)
	m := ada.send(conversation, "poison text")
	fine := ada.send(conversation, "fine")
	if frame := adaStream.waitFor("returned"); !strings.Contains(frame, m.ID.String()) ||
		!strings.Contains(frame, `"reason":"The database would not take it as it is."`) {
		t.Errorf("Ada's event: %s", frame)
	}

	if frame := bobStream.waitFor("resync"); !strings.Contains(frame, m.ConversationID.String()) {
		t.Errorf("Bob's event: %s", frame)
	}

	wait.Until(t, "the valid message is stored", func() bool { return len(ada.read(conversation).Messages) == 1 })
	for _, at := range []*person{ada, ada.onReplica(other)} {
		if got := at.read(conversation).Returned; len(got) != 1 || got[0].Message.ID != m.ID ||
			got[0].Message.Body != "poison text" || got[0].Reason == "" {
			t.Errorf("Ada's returned messages: %+v", got)
		}
	}

	if page := bob.read(conversation); len(page.Pending) != 0 || len(page.Messages) != 1 ||
		page.Messages[0].ID != fine.ID {
		t.Errorf("Bob's conversation: %+v", page)
	}

	pages := bob.get(conversation, html...).body + bob.get("/conversations", html...).body
	if strings.Contains(pages, "poison text") || strings.Contains(pages, "Not stored") {
		t.Error("Bob sees the returned message")
	}

	if list := ada.get("/conversations", html...).body; !strings.Contains(list, "Not stored:") {
		t.Error("Ada's list does not show the returned message")
	}
	if got := ada.queryText("SELECT string_agg(seq::text, ' ' ORDER BY seq) FROM messages"); got != "1" {
		t.Errorf("stored seqs: %s", got)
	}

	deadLetters, err := kafka.DeadLetters(context.Background(), r.replica.KafkaOptions)
	if err != nil || len(deadLetters) != 1 {
		t.Fatalf("dead letters %+v, error %v", deadLetters, err)
	}

	r.rejectPoison(false)
	must(t, r.replica.Producer.Replay(context.Background(), deadLetters[0]))

	for !strings.Contains(bobStream.waitFor("stored"), m.ID.String()) {
	}
	if page := bob.read(conversation); len(page.Messages) != 2 || page.Messages[1].ID != m.ID ||
		page.Messages[1].Body != "poison text" {
		t.Errorf("Bob's conversation after the replay: %+v", page)
	}

	if got := ada.read(conversation).Returned; len(got) != 0 {
		t.Errorf("Ada's returned messages after the replay: %+v", got)
	}

	wait.Until(t, "the returned message is deleted", func() bool {
		return ada.count("SELECT count(*) FROM returned_messages") == 0
	})
}

// TestReturnedMessageWithoutScripts: the text of a returned message is appended to
// the composer. Sending it dismisses the returned message, as Remove does.
func TestReturnedMessageWithoutScripts(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob, conversation := r.signInFriends()
	id, second := ada.insertReturned(path.Base(conversation)), ada.insertReturned(path.Base(conversation))
	doc := ada.page(conversation)
	row := doc.Find("#returned > #message-" + id)
	if got := words(row); !strings.Contains(got, "words") ||
		!strings.Contains(got, "Not stored. It won’t do.") {
		t.Fatalf("returned message on the page: %q", got)
	}

	again := row.Find("[name=again]")
	if again.AttrOr("form", "") != "composer" || again.AttrOr("formaction", "") != conversation ||
		again.AttrOr("value", "") != id {
		t.Errorf("the returned message has no button to send it again: %s", row.Text())
	}

	client := doc.Find("#composer [name=client_id]").AttrOr("value", "")
	typed := url.Values{"body": {"half a sentence"}, "client_id": {client}, "again": {id}}
	back := ada.post(conversation, typed, html...).page(200)
	form := url.Values{}
	for _, name := range []string{"body", "client_id", "returned"} {
		field := back.Find("#composer [name=" + name + "]")
		form.Set(name, field.AttrOr("value", field.Text()))
	}

	if form.Get("body") != "half a sentence\nwords" || form.Get("client_id") == client ||
		form.Get("returned") != id {
		t.Errorf("composer: %v", form)
	}

	if got := ada.post(conversation+"/messages", form, html...); got.status != http.StatusSeeOther {
		t.Fatalf("send: status %d", got.status)
	}
	if got := ada.read(conversation).Returned; len(got) != 1 || got[0].Message.ID.String() != second {
		t.Errorf("returned messages after sending one again: %+v", got)
	}
	bob.post("/returned/"+second+"/dismiss", nil).expectStatus(http.StatusNotFound)

	action := doc.Find("#message-"+second+" form").AttrOr("action", "")
	if got := ada.post(action, nil, html...); got.status != http.StatusSeeOther ||
		got.header.Get("Location") != conversation+"#latest" {
		t.Errorf("dismissal: status %d to %s", got.status, got.header.Get("Location"))
	}

	if got := ada.page(conversation).Find("#returned .message").Length(); got != 0 {
		t.Errorf("%d returned messages on the page after the dismissal", got)
	}
	left := "SELECT coalesce(string_agg(body, ''), '') FROM returned_messages WHERE sender_id = $1"
	if got := ada.queryText(left, ada.ID); got != "" {
		t.Errorf("returned messages in the database after the dismissal: %q", got)
	}
}
