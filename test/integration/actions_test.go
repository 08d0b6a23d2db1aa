package integration

import (
	"fmt"
	"net/http"
	"net/url"

	"parley/app/chat"
	"parley/test/wait"
)

// requestFriend sends a friend request.
func (p *person) requestFriend(other *person) chat.Request {
	p.t.Helper()
	var a struct{ Request chat.Request }
	p.post("/requests", url.Values{"person": {other.ID.String()}}).decode(&a, http.StatusCreated)
	return a.Request
}

// befriend sends a friend request, which the other person accepts.
func (p *person) befriend(other *person) {
	p.t.Helper()
	var a struct{ Request chat.Request }
	other.post("/requests/"+p.requestFriend(other).ID.String()+"/accept", nil).decode(&a, http.StatusOK)
	if a.Request.State != chat.RequestAccepted {
		p.t.Fatalf("accepted request: %+v", a.Request)
	}
}

// openConversation makes two people friends and returns the path of their
// conversation.
func (p *person) openConversation(friend *person) string {
	p.t.Helper()
	p.befriend(friend)
	var a struct{ Conversation chat.Conversation }
	r := p.post("/conversations", url.Values{"person": {friend.ID.String()}})
	if r.status == http.StatusCreated {
		r.status = http.StatusOK
	}

	r.decode(&a, http.StatusOK)
	return "/conversations/" + a.Conversation.ID.String()
}

// signInFriends signs two friends in and returns the path of their conversation.
func (r *instance) signInFriends() (ada, bob *person, conversation string) {
	r.t.Helper()
	ada, bob = r.signIn("Ada"), r.signIn("Bob")
	return ada, bob, ada.openConversation(bob)
}

// messageForm returns the form of a new message.
func messageForm(body string) url.Values {
	return url.Values{"body": {body}, "client_id": {chat.NewID().String()}}
}

// send sends a message and returns it as acknowledged.
func (p *person) send(conversation, body string) chat.Message {
	p.t.Helper()
	var a struct{ Message chat.Message }
	p.post(conversation+"/messages", messageForm(body)).decode(&a, http.StatusCreated)
	return a.Message
}

// sendStored sends messages and waits until they are stored.
func (p *person) sendStored(conversation string, bodies ...string) {
	p.t.Helper()
	for _, body := range bodies {
		p.send(conversation, body)
	}
	wait.Until(p.t, "all messages are stored", func() bool { return len(p.read(conversation).Pending) == 0 })
}

// conversationPage is a conversation in JSON.
type conversationPage struct {
	Conversation chat.Conversation
	Messages     []chat.Message
	Pending      []chat.Message
	Complete     bool
	Returned     []chat.Returned
}

// read returns the newest page of a conversation.
func (p *person) read(conversation string) conversationPage {
	p.t.Helper()
	var page conversationPage
	p.get(conversation).decode(&page, http.StatusOK)
	return page
}

// readAll reads a conversation from its beginning and checks that the seqs have no
// gap. It is complete if no message is pending.
func (p *person) readAll(conversation string) (bodies []string, complete bool) {
	p.t.Helper()
	const pageSize = 100
	for {
		var page conversationPage
		p.get(fmt.Sprintf("%s?after=%d&limit=%d", conversation, len(bodies), pageSize)).decode(&page, http.StatusOK)
		for _, m := range page.Messages {
			if bodies = append(bodies, m.Body); *m.Seq != int64(len(bodies)) {
				p.t.Fatalf("message %d has seq %d", len(bodies), *m.Seq)
			}
		}
		if len(page.Messages) < pageSize {
			return bodies, page.Complete && len(page.Pending) == 0
		}
	}
}

// expectMessages waits until the messages are stored, and checks that they have
// this order and that no other message is stored.
func (p *person) expectMessages(conversation string, bodies ...string) {
	p.t.Helper()
	var page conversationPage
	wait.Until(p.t, "all messages are stored", func() bool {
		page = p.read(conversation)
		return page.Complete && len(page.Messages) >= len(bodies) && len(page.Pending) == 0
	})
	if len(page.Messages) != len(bodies) {
		p.t.Fatalf("%d messages, want %d", len(page.Messages), len(bodies))
	}

	for i, m := range page.Messages {
		if m.Body != bodies[i] || *m.Seq != int64(i+1) {
			p.t.Errorf("message %d: seq %d, body %q, want %q", i+1, *m.Seq, m.Body, bodies[i])
		}
	}
}

// expectBanner checks the text of a page's banner, which names dependencies that are
// down; "" if the banner is hidden.
func (p *person) expectBanner(path, want string) {
	p.t.Helper()
	b := p.page(path).Find("#banner")
	got := words(b)
	if _, hidden := b.Attr("hidden"); hidden {
		got = ""
	}
	if got != want {
		p.t.Errorf("banner %q, want %q", got, want)
	}
}
