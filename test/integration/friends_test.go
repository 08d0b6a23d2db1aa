package integration

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/test/wait"
)

// masked replaces ids by the number of their first occurrence and times by T, so
// that a body can be compared as a whole.
func masked(body string) string {
	names := map[string]string{}
	ids := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	body = ids.ReplaceAllStringFunc(body, func(id string) string {
		if names[id] == "" {
			names[id] = fmt.Sprintf("#%d", len(names)+1)
		}
		return names[id]
	})

	return regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`).ReplaceAllString(body, "T")
}

// expectBody compares the masked body.
func (r reply) expectBody(want string, status int) {
	r.t.Helper()
	if got := masked(r.body); r.status != status || got != want {
		r.t.Errorf("status %d: %s, want %d: %s", r.status, got, status, want)
	}
}

// expectFound expects exactly one person, in JSON, for a search.
func (p *person) expectFound(name, want string) {
	p.t.Helper()
	p.get("/people?q="+name).expectBody(`{"people":[`+want+`]}`, http.StatusOK)
}

// TestFriendsInJSON checks the bodies of responses, and the events on another
// replica, byte for byte.
func TestFriendsInJSON(t *testing.T) {
	t.Parallel()
	one := startReplica(t)
	two := startReplicaAt(t, one.addresses)
	ada, bob := one.signIn("Ada"), two.signIn("Bob")
	adaStream, bobStream := ada.openStream(), bob.openStream()

	ada.expectFound("bo", `{"id":"#1","name":"Bob","state":"none","request_id":null}`)
	ada.get("/people?q=b").expectBody(`{"people":[]}`, 200)
	ada.get("/people").expectBody(`{"people":[]}`, 200)
	ada.get("/people?q=ada").expectBody(`{"people":[]}`, 200)
	form := url.Values{"person": {bob.ID.String()}}
	for _, status := range []int{201, 200} {
		want := `{"request":{"id":"#1","person":{"id":"#2","name":"Bob"},"state":"pending","created_at":"T"}}`
		ada.post("/requests", form).expectBody(want, status)
	}

	want := `{"request":{"id":"#1","person":{"id":"#2","name":"Ada"},"state":"pending","mine":false},` +
		`"incoming":1,"unread":0}`
	if got := masked(bobStream.waitFor("request")); got != want {
		t.Errorf("Bob's event: %s", got)
	}

	ada.expectFound("bo", `{"id":"#1","name":"Bob","state":"requested","request_id":"#2"}`)
	bob.expectFound("ad", `{"id":"#1","name":"Ada","state":"incoming","request_id":"#2"}`)
	listed := `{"id":"#1","person":{"id":"#2","name":"Ada"},"state":"pending","created_at":"T"}`
	bob.get("/requests").expectBody(`{"incoming":[`+listed+`],"outgoing":[]}`, 200)
	ada.get("/requests").expectBody(`{"incoming":[],"outgoing":[`+strings.Replace(listed, "Ada", "Bob", 1)+`]}`, 200)

	want = `{"request":{"id":"#1","person":{"id":"#2","name":"Ada"},"state":"accepted","created_at":"T"}}`
	bob.post("/requests", url.Values{"person": {ada.ID.String()}}).expectBody(want, 201)
	want = `{"person":{"id":"#1","name":"Bob"},"state":"friends","conversation_id":"#2","mine":false}`
	if got := masked(adaStream.waitFor("friend")); got != want {
		t.Errorf("Ada's event: %s", got)
	}

	ada.expectFound("bo", `{"id":"#1","name":"Bob","state":"friends","request_id":null}`)
	friends := ada.get("/friends")
	got := regexp.MustCompile(`"presence":"\w+"`).ReplaceAllString(masked(friends.body), `"presence":P`)
	if got != `{"friends":[{"id":"#1","name":"Bob","presence":P,"conversation_id":"#2"}],"next":null}` {
		t.Errorf("friends: %s", got)
	}

	bob.post("/people/"+ada.ID.String()+"/block", nil).expectBody("", 204)
	want = `{"person":{"id":"#1","name":"Bob"},"state":"none","conversation_id":"#2","mine":false}`
	if got := masked(adaStream.waitFor("friend")); got != want {
		t.Errorf("Ada's event: %s", got)
	}

	bob.get("/people?q=ad").expectBody(`{"people":[]}`, 200) // blocked people are not found
	ada.expectFound("bo", `{"id":"#1","name":"Bob","state":"none","request_id":null}`)
}

// TestUnfriend: writing ends within 5 s on every replica, although all have cached
// the friendship.
func TestUnfriend(t *testing.T) {
	t.Parallel()
	one, two := sharedPair(t)
	ada, bob := one.signIn("Ada"), two.signIn("Bob")
	conversation := ada.openConversation(bob)
	ada.send(conversation, "one has it cached")
	bob.send(conversation, "two has it cached")
	ada.post("/friends/"+bob.ID.String()+"/remove", nil).expectStatus(204)
	began := time.Now()
	for _, p := range []*person{ada, bob} {
		wait.Until(t, p.Name+" cannot write", func() bool {
			got := p.post(conversation+"/messages", messageForm("hi"))
			return got.status == 403 && strings.Contains(got.body, `"type":"not-friends"`)
		})
	}

	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("writing ended after %v, want 5 s or less", took)
	}
	if page := bob.read(conversation); page.Conversation.Writable || len(page.Messages)+len(page.Pending) < 2 {
		t.Errorf("conversation of former friends: %+v", page)
	}

	bob.befriend(ada)
	wait.Until(t, "both can write again", func() bool {
		form := messageForm("hi")
		return ada.post(conversation+"/messages", form).status == 201 &&
			bob.post(conversation+"/messages", form).status == 201
	})
}

// TestRequestLimits: the limits of friend requests and searches hold on all
// replicas.
func TestRequestLimits(t *testing.T) {
	t.Parallel()
	r := startReplica(t, "LIMIT_REQUESTS_PER_DAY", "1", "LIMIT_SEARCHES", "1,0.01")
	two := startReplicaAt(t, r.addresses, "LIMIT_REQUESTS_PER_DAY", "1")
	ada, bob, eve := r.signIn("Ada"), r.signIn("Bob"), two.signIn("Eve")
	ada.requestFriend(bob)
	got := ada.onReplica(two).post("/requests", url.Values{"person": {eve.ID.String()}})
	if got.status != 429 ||
		got.header.Get("Retry-After") != "86400" && got.header.Get("Retry-After") != "86340" ||
		!strings.Contains(got.body, "You have asked 1 person since") {
		t.Errorf("friend request: status %d, Retry-After %s: %s", got.status, got.header.Get("Retry-After"), got.body)
	}

	bob.get("/people?q=ad").expectStatus(200)
	for accept, words := range map[string]string{"application/json": `"type":"too-fast"`, "text/html": "try again in"} {
		if got := bob.get("/people?q=ad", "Accept", accept); got.status != 429 ||
			!strings.Contains(got.body, words) || got.header.Get("Retry-After") == "" {
			t.Errorf("search: status %d: %s", got.status, got.body)
		}
	}

	ada.post("/requests", url.Values{"person": {"nobody"}}).expectStatus(422)
	ada.post("/requests/"+uuid.NewString()+"/accept", nil).expectStatus(404)
}
