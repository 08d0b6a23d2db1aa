package integration

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"parley/app/chat"
	"parley/test/wait"
)

// TestDraft: a draft is shown on all devices of its author and deleted with its
// message.
func TestDraft(t *testing.T) {
	t.Parallel()
	one, two := sharedPair(t)
	ada, bob := one.signIn("Ada"), one.signIn("Bob")
	conversation, other := ada.openConversation(bob), ada.openConversation(one.signIn("Cleo"))
	client := chat.NewID().String()
	save := func(body string) {
		t.Helper()
		ada.post(conversation+"/draft", url.Values{"body": {body}, "client_id": {client}}).expectStatus(204)
	}

	save("Half a <b>thought</b>")

	phone := two.signIn("Ada")
	page := phone.get(conversation, html...).body
	for _, want := range []string{
		">\nHalf a &lt;b&gt;thought&lt;/b&gt;</textarea>",
		`name="client_id" value="` + client + `"`,
		`name="draft" value="` + client + `"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page on another device lacks %s", want)
		}
	}

	if strings.Contains(page, `class="draft"`) {
		t.Error("the open conversation's row repeats the draft of the composer")
	}
	inList := `<b class="draft">Draft:</b> Half a &lt;b&gt;thought`
	if page := phone.get(other, html...).body; !strings.Contains(page, inList) {
		t.Error("the list does not show the draft")
	}
	if page := bob.get(conversation, html...).body; strings.Contains(page, "Half a") {
		t.Error("Bob sees Ada's draft")
	}
	if c := phone.read(conversation).Conversation; c.Draft.Body != "Half a <b>thought</b>" {
		t.Errorf("draft in JSON: %+v", c.Draft)
	}

	// Without scripts, the form posts the ids in the page.
	form := url.Values{"body": {"A whole thought"}, "client_id": {client}, "draft": {client}}
	sent := phone.post(conversation+"/messages", form, html...)
	if sent.status != http.StatusSeeOther {
		t.Fatalf("send: status %d", sent.status)
	}

	wait.Until(t, "the draft is deleted", func() bool {
		return phone.read(conversation).Conversation.Draft.Body == ""
	})
	late := url.Values{"body": {"Half a tho"}, "client_id": {client}} // arrives after the message
	if got := ada.post(conversation+"/draft", late); got.status != 409 || !strings.Contains(got.body, `"type":"spent"`) {
		t.Errorf("draft of a sent message: status %d: %s, want 409, spent", got.status, got.body)
	}
	page = phone.get(conversation, html...).body
	if strings.Contains(page, "Half a") || !strings.Contains(page, "A whole thought") {
		t.Error("the draft reappeared after its message was sent")
	}
	if strings.Contains(page, `name="client_id" value="`+client) {
		t.Error("the composer has the client id of the sent message")
	}

	bob.post("/conversations/"+chat.NewID().String()+"/draft", url.Values{"body": {"x"}}).expectStatus(404)
	ada.post(conversation+"/draft", url.Values{"body": {strings.Repeat("x", chat.MaxBodyBytes+1)}}).expectStatus(422)
	ada.post(conversation+"/draft", url.Values{"body": {" "}}).expectStatus(204)
}

// TestDraftRoundTrip: a page gives back a draft to the character, as a reload and the plain
// Refresh post it again and again.
func TestDraftRoundTrip(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	bob := r.signIn("Bob")
	box := func(page string) (body, client string) {
		t.Helper()
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(page))
		must(t, err)
		return doc.Find("#message").Text(), doc.Find("[name=client_id]").AttrOr("value", "")
	}

	for i, text := range []string{"\n\nx", "\nx", "x\n\n", " \n\t x", "\n", "<b>&amp;\n", strings.Repeat("🎹", chat.MaxBodyRunes)} {
		ada := r.signIn(fmt.Sprint("Ada ", i)) // a person saves few drafts a second
		conversation := ada.openConversation(bob)
		body, client := text, chat.NewID().String()
		for range 3 {
			posted := url.Values{"body": {strings.ReplaceAll(body, "\n", "\r\n")}, "client_id": {client}}
			ada.post(conversation+"/draft", posted).expectStatus(204)
			if body, client = box(ada.get(conversation, html...).body); body != text {
				t.Errorf("draft %.20q: got %.20q after a reload", text, body)
			}
			posted.Set("client_id", client)
			if body, client = box(ada.post(conversation, posted, html...).body); body != text {
				t.Errorf("draft %.20q: got %.20q after Refresh", text, body)
			}
		}
	}
}
