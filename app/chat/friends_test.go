package chat_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/app/chat"
	"parley/app/limit"
)

// eventTexts returns one line of text for each event that was published to a person.
func (h *harness) eventTexts(p chat.Person) (texts []string) {
	for _, e := range h.bus.Published {
		if e.To != p.ID {
			continue
		}

		switch e := e.Event.(type) {
		case chat.RequestEvent:
			r := e.Request
			text := fmt.Sprintf("%s %s, mine %v, %d incoming", r.Person.Name, r.State, r.Mine, e.Incoming)
			texts = append(texts, text)
		case chat.FriendEvent:
			text := fmt.Sprintf("%s %s, conversation %v", e.Person.Name, e.State, e.ConversationID != nil)
			texts = append(texts, text)
		}
	}

	return texts
}

// checkEvents compares the events that were published to a person.
func (h *harness) checkEvents(p chat.Person, want ...string) {
	h.t.Helper()
	if got := h.eventTexts(p); !slices.Equal(got, want) {
		h.t.Errorf("events of %s: got %q, want %q", p.Name, got, want)
	}
}

// clearEvents removes the recorded events.
func (h *harness) clearEvents() { h.bus.Published, h.bus.Broadcasts = nil, nil }

// requestFriend sends a friend request. It reports whether the request changed anything.
func (h *harness) requestFriend(asker, asked chat.Person) (chat.Request, bool) {
	h.t.Helper()
	r, fresh, err := h.RequestFriend(ctx, asker, asked.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return r, fresh
}

// answerRequest answers a friend request.
func (h *harness) answerRequest(who chat.Person, r chat.Request, answer chat.RequestAnswer) chat.Request {
	h.t.Helper()
	got, err := h.AnswerRequest(ctx, who, r.ID, answer)
	if err != nil {
		h.t.Fatal(err)
	}
	return got
}

func TestRequestsAndAnswersArePublishedOnce(t *testing.T) {
	h := newHarness(t, limits{})
	eve := h.signIn("Eve").Person
	r, fresh := h.requestFriend(eve, h.ada)
	if !fresh || r.State != chat.RequestPending || r.Person != h.ada {
		t.Errorf("first request: got %+v, changed %v, want pending, true", r, fresh)
	}

	h.checkEvents(h.ada, "Eve pending, mine false, 1 incoming")
	h.checkEvents(eve, "Ada pending, mine true, 0 incoming")
	h.clearEvents()
	if again, fresh := h.requestFriend(eve, h.ada); fresh || again != r {
		t.Errorf("second request: got %+v, changed %v, want the first one", again, fresh)
	}

	h.checkEvents(h.ada)
	for _, fresh := range []bool{true, false} {
		if got := h.answerRequest(h.ada, r, chat.Accept); got.State != chat.RequestAccepted || got.Person != eve {
			t.Errorf("Accept: got %+v, want accepted", got)
		}

		if fresh {
			h.checkEvents(h.ada, "Eve accepted, mine false, 0 incoming", "Eve friends, conversation true")
			h.checkEvents(eve, "Ada accepted, mine true, 0 incoming", "Ada friends, conversation true")
		} else {
			h.checkEvents(h.ada)
		}

		h.clearEvents()
	}

	_, _, err := h.RequestFriend(ctx, eve, eve.ID)
	if e := (&chat.Error{}); !errors.As(err, &e) || e.Field != "person" {
		t.Errorf("request to oneself: got %v, want field person", err)
	}
}

func TestCrossedRequestsCreateAFriendship(t *testing.T) {
	h := newHarness(t, limits{})
	eve := h.signIn("Eve").Person
	first, _ := h.requestFriend(eve, h.ada)
	h.clearEvents()
	second, fresh := h.requestFriend(h.ada, eve)
	if !fresh || second.ID != first.ID || second.State != chat.RequestAccepted {
		t.Errorf("crossed request: got %+v, changed %v, want the first one, accepted", second, fresh)
	}

	h.checkEvents(eve, "Ada accepted, mine true, 0 incoming", "Ada friends, conversation true")
	h.checkEvents(h.ada, "Eve accepted, mine false, 0 incoming", "Eve friends, conversation true")
	if _, created, err := h.OpenDirect(ctx, eve, h.ada.ID); err != nil || created {
		t.Errorf("OpenDirect: got created %v, %v, want an existing conversation", created, err)
	}
}

func TestDeclineIsHiddenFromTheAsker(t *testing.T) {
	h := newHarness(t, limits{})
	eve := h.signIn("Eve").Person
	r, _ := h.requestFriend(eve, h.ada)
	h.clearEvents()
	if got := h.answerRequest(h.ada, r, chat.Decline); got.State != chat.RequestDeclined {
		t.Errorf("Decline: got %+v, want declined", got)
	}

	h.checkEvents(eve)
	h.checkEvents(h.ada, "Eve declined, mine false, 0 incoming")
	h.clearEvents()
	h.now = h.now.Add(23 * time.Hour)
	if again, fresh := h.requestFriend(eve, h.ada); fresh || again != r {
		t.Errorf("second request after 23 h: got %+v, changed %v, want the first one", again, fresh)
	}

	if people, err := h.Search(ctx, eve, "ada"); err != nil || len(people) != 1 ||
		people[0].State != chat.StateRequested {
		t.Errorf("Search after 23 h: got %+v, %v, want 1 requested person", people, err)
	}

	h.checkEvents(h.ada)
	h.now = h.now.Add(2 * time.Hour)
	if list, err := h.Requests(ctx, eve, nil); err != nil || len(list.Outgoing) != 0 {
		t.Errorf("Requests after 25 h: got %+v, %v, want none", list, err)
	}

	if again, fresh := h.requestFriend(eve, h.ada); !fresh || again.ID == r.ID {
		t.Errorf("second request after 25 h: got %+v, changed %v, want a new one", again, fresh)
	}

	h.checkEvents(h.ada, "Eve pending, mine false, 1 incoming")
}

func TestUnfriendMakesTheConversationReadOnly(t *testing.T) {
	h := newHarness(t, limits{})
	if _, err := h.send("before"); err != nil {
		t.Fatal(err)
	}

	h.clearEvents()
	for range 2 {
		if err := h.Unfriend(ctx, h.bob, h.ada.ID); err != nil {
			t.Fatal(err)
		}
	}

	h.checkEvents(h.ada, "Bob none, conversation true")
	h.checkEvents(h.bob, "Ada none, conversation true")
	if n := len(h.bus.Broadcasts); n != 1 {
		t.Errorf("got %d broadcasts, want 1", n)
	} else if e, ok := h.bus.Broadcasts[0].(chat.InvalidateEvent); !ok || e.Conversation == nil ||
		*e.Conversation != h.conversation {
		t.Errorf("got broadcast %+v, want an invalidation of the conversation", h.bus.Broadcasts[0])
	}

	if _, err := h.send("after"); chat.KindOf(err) != chat.KindReadOnly {
		t.Errorf("Send: got %v, want ReadOnly", err)
	}

	page, err := h.History(ctx, h.ada, h.conversation, chat.Range{})
	if err != nil || page.Conversation.Writable || len(page.Pending) != 1 {
		t.Errorf("History: got %+v, %v, want a read-only page with 1 pending message", page, err)
	}

	r, _ := h.requestFriend(h.ada, h.bob)
	h.answerRequest(h.bob, r, chat.Accept)
	if _, err := h.send("again"); err != nil {
		t.Errorf("Send as friends again: got error %v, want nil", err)
	}
}

// TestBlockIsNotVisible: to a blocked person the blocker looks like a stranger who never
// answers, with a conversation (Bob, as after unfriending) and without one (Eve).
func TestBlockIsNotVisible(t *testing.T) {
	h := newHarness(t, limits{})
	eve, stranger := h.signIn("Eve").Person, h.signIn("Ada").Person
	r, _ := h.requestFriend(eve, h.ada)
	h.clearEvents()
	for range 2 {
		for _, other := range []chat.Person{eve, h.bob} {
			if err := h.Block(ctx, h.ada, other.ID); err != nil {
				t.Fatal(err)
			}
		}
	}

	h.checkEvents(eve)
	h.checkEvents(h.bob, "Ada none, conversation true") // as after unfriending
	h.checkEvents(h.ada, "Eve declined, mine false, 0 incoming", "Bob none, conversation true")
	if _, err := h.AnswerRequest(ctx, h.ada, r.ID, chat.Accept); chat.KindOf(err) != chat.KindConflict {
		t.Errorf("Accept of a blocked person: got %v, want Conflict", err)
	}

	h.clearEvents()
	for _, asker := range []chat.Person{eve, h.bob} {
		want, got := h.ask(asker, stranger), h.ask(asker, h.ada)
		if got != want {
			t.Errorf("%s: got %s from a blocker, %s from a stranger", asker.Name, got, want)
		}
	}

	h.checkEvents(h.ada)
	if _, err := h.Send(ctx, h.bob, h.conversation, newText("hi")); chat.KindOf(err) != chat.KindReadOnly {
		t.Errorf("Send by the blocked friend: got %v, want ReadOnly", err)
	}
}

// ask returns what a person learns of another one: found, asked twice, cancelled, asked
// again, and the lists after two days.
func (h *harness) ask(asker, asked chat.Person) string {
	h.t.Helper()
	var learned []string
	note := func(what string, state any, err error) {
		learned = append(learned, fmt.Sprintf("%s: %v %v", what, state, chat.KindOf(err)))
	}
	look := func() {
		people, err := h.Search(ctx, asker, asked.Name)
		for _, p := range people {
			if p.ID == asked.ID {
				note("search", p.State, err)
			}
		}
		view, err := h.ViewPerson(ctx, asker, asked.ID)
		note("view", view.State, err)
		list, err := h.Requests(ctx, asker, nil)
		for _, r := range list.Outgoing {
			if r.Person.ID == asked.ID {
				note("listed", r.State, err)
			}
		}
	}

	var last chat.Request
	for range 2 {
		r, _, err := h.RequestFriend(ctx, asker, asked.ID)
		note("ask", r.State, err)
		r, changed, err := h.RequestFriend(ctx, asker, asked.ID)
		note("ask again", fmt.Sprint(r.State, changed), err)
		look()
		last = r
		r, err = h.AnswerRequest(ctx, asker, r.ID, chat.Cancel)
		note("cancel", r.State, err)
		look()
	}

	r, changed, err := h.RequestFriend(ctx, asker, asked.ID)
	note("ask after cancelling", fmt.Sprint(r.State, changed, r.ID != last.ID), err)
	now := h.now
	h.now = h.now.Add(48 * time.Hour)
	look()
	h.now = now
	return strings.Join(learned, "; ")
}

func TestSearchLimits(t *testing.T) {
	h := newHarness(t, limits{searches: limit.Rate{Burst: 2, PerSecond: 0.1}})
	for q, enough := range map[string]bool{
		"":         false,
		" b ":      true, // only as a whole name
		"김":        true,
		"\u200b":   false,
		"\u0301":   false,
		"bo":       true,
		"b\x00o":   true,
		"e\u0301":  true,
		"健二":       true,
		"\xff\xfe": false,
	} {
		if text, ok := chat.SearchText(q); ok != enough {
			t.Errorf("SearchText(%q): got %q, %v, want %v", q, text, ok, enough)
		}
	}

	for range 50 {
		if people, err := h.Search(ctx, h.ada, "\u200b"); err != nil || len(people) != 0 {
			t.Fatalf("nothing visible: got %v, %v, want nobody", people, err)
		}
	}

	for range 2 {
		if people, err := h.Search(ctx, h.ada, "bo"); err != nil || len(people) != 1 {
			t.Fatalf("two letters: got %v, %v, want 1 person", people, err)
		}
	}

	if _, err := h.Search(ctx, h.ada, "bo"); chat.KindOf(err) != chat.KindTooFast {
		t.Errorf("above the limit: got %v, want TooFast", err)
	}

	if _, err := h.Search(ctx, h.bob, "ad"); err != nil {
		t.Errorf("another person: got error %v, want nil", err)
	}
}

func TestDailyRequestLimitHasAnExplanation(t *testing.T) {
	h := newHarness(t, limits{requestsPerDay: 2})
	for _, name := range []string{"Cleo", "Dan"} {
		h.requestFriend(h.ada, h.signIn(name).Person)
	}

	h.now = h.now.Add(21*time.Hour + time.Minute)
	_, _, err := h.RequestFriend(ctx, h.ada, h.signIn("Eve").Person.ID)
	want := "You have asked 2 people since this time yesterday, which is as many as a day allows. " +
		"You can ask again in 3 hours."
	if e := (&chat.Error{}); !errors.As(err, &e) || e.Kind != chat.KindTooFast || e.Detail != want ||
		e.RetryAfter != 2*time.Hour+59*time.Minute {
		t.Errorf("got %+v, want %q", err, want)
	}
}
