package integration

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/test/wait"
)

// hears opens a stream of JSON and answers its frames, as "event data"; it is ready when hears returns.
func (p *person) hears() <-chan string {
	p.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+"/events?format=json", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	res, err := (&http.Client{Jar: p.http.Jar}).Do(req) // without p.http's timeout
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { cancel(); res.Body.Close() })
	frames := make(chan string, 64)
	go func() {
		defer close(frames)
		name := ""
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if event, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				name = event
			} else if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				frames <- name + " " + data
			}
		}
	}()
	p.expects(frames, "ready")
	return frames
}

// expects waits for the next frame of the given start.
func (p *person) expects(frames <-chan string, start string) string {
	p.t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case frame, ok := <-frames:
			if !ok {
				p.t.Fatalf("%s: the stream ended before %s", p.Name, start)
			}
			if strings.HasPrefix(frame, start) {
				return frame
			}
		case <-late:
			p.t.Fatalf("%s never heard %s", p.Name, start)
		}
	}
}

// masked replaces ids by their first mention's number and times by T, so that a body can be compared whole.
func masked(body string) string {
	names := map[string]string{}
	body = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).ReplaceAllStringFunc(body, func(id string) string {
		if names[id] == "" {
			names[id] = fmt.Sprintf("#%d", len(names)+1)
		}
		return names[id]
	})
	return regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`).ReplaceAllString(body, "T")
}

func (r reply) says(want string, status int) {
	r.t.Helper()
	if got := masked(r.body); r.status != status || got != want {
		r.t.Errorf("%d %s, want %d %s", r.status, got, status, want)
	}
}

// TestFriendsInJSON: the contract with programs, to the byte, and what is heard on another replica.
func TestFriendsInJSON(t *testing.T) {
	t.Parallel()
	one := startReplica(t)
	two := startReplicaAt(t, one.at)
	ada, bob := one.signIn("Ada"), two.signIn("Bob")
	adas, bobs := ada.hears(), bob.hears()

	ada.get("/people?q=bo").says(`{"people":[{"id":"#1","name":"Bob","state":"none","request_id":null}]}`, 200)
	ada.get("/people?q=b").says(`{"people":[]}`, 200)
	ada.get("/people").says(`{"people":[]}`, 200)
	ada.get("/people?q=ada").says(`{"people":[]}`, 200)
	form := url.Values{"person": {bob.ID.String()}}
	for _, status := range []int{201, 200} {
		ada.post("/requests", form).says(`{"request":{"id":"#1","person":{"id":"#2","name":"Bob"},"state":"pending","created_at":"T"}}`, status)
	}
	if got := masked(bob.expects(bobs, "request")); got != `request {"request":{"id":"#1","person":{"id":"#2","name":"Ada"},"state":"pending","mine":false},"incoming":1,"unread":0}` {
		t.Errorf("Bob heard %s", got)
	}
	ada.get("/people?q=bo").says(`{"people":[{"id":"#1","name":"Bob","state":"requested","request_id":"#2"}]}`, 200)
	bob.get("/people?q=ad").says(`{"people":[{"id":"#1","name":"Ada","state":"incoming","request_id":"#2"}]}`, 200)
	listed := `{"id":"#1","person":{"id":"#2","name":"Ada"},"state":"pending","created_at":"T"}`
	bob.get("/requests").says(`{"incoming":[`+listed+`],"outgoing":[]}`, 200)
	ada.get("/requests").says(`{"incoming":[],"outgoing":[`+strings.Replace(listed, "Ada", "Bob", 1)+`]}`, 200)

	bob.post("/requests", url.Values{"person": {ada.ID.String()}}).says(`{"request":{"id":"#1","person":{"id":"#2","name":"Ada"},"state":"accepted","created_at":"T"}}`, 201)
	if got := masked(ada.expects(adas, "friend")); got != `friend {"person":{"id":"#1","name":"Bob"},"state":"friends","conversation_id":"#2"}` {
		t.Errorf("Ada heard %s", got)
	}
	ada.get("/people?q=bo").says(`{"people":[{"id":"#1","name":"Bob","state":"friends","request_id":null}]}`, 200)
	friends := ada.get("/friends")
	if got := regexp.MustCompile(`"presence":"\w+"`).ReplaceAllString(masked(friends.body), `"presence":P`); got != `{"friends":[{"id":"#1","name":"Bob","presence":P,"conversation_id":"#2"}],"next":null}` {
		t.Errorf("friends %s", got)
	}
	bob.post("/people/"+ada.ID.String()+"/block", nil).says("", 204)
	if got := masked(ada.expects(adas, "friend")); got != `friend {"person":{"id":"#1","name":"Bob"},"state":"none","conversation_id":"#2"}` {
		t.Errorf("Ada heard %s", got)
	}
	bob.get("/people?q=ad").says(`{"people":[]}`, 200) // no state of the contract says it
	ada.get("/people?q=bo").says(`{"people":[]}`, 200)
}

// TestUnfriendedEverywhere: on every replica, which all had it cached, writing ends within 5 s.
func TestUnfriendedEverywhere(t *testing.T) {
	t.Parallel()
	one := startReplica(t)
	two := startReplicaAt(t, one.at)
	ada, bob := one.signIn("Ada"), two.signIn("Bob")
	talk := ada.opens(bob)
	ada.sends(talk, "one has it cached")
	bob.sends(talk, "two has it cached")
	ada.post("/friends/"+bob.ID.String()+"/remove", nil).expect(204)
	began := time.Now()
	for _, p := range []*person{ada, bob} {
		wait.Until(t, p.Name+" can’t write", func() bool {
			got := p.post(talk+"/messages", url.Values{"body": {"hi"}, "client_id": {chat.NewID().String()}})
			return got.status == 403 && strings.Contains(got.body, `"type":"not-friends"`)
		})
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	if page := bob.reads(talk); page.Conversation.Writable || len(page.Messages)+len(page.Pending) < 2 {
		t.Errorf("what was said: %+v", page)
	}
	bob.befriends(ada)
	wait.Until(t, "friends again, both write", func() bool {
		form := url.Values{"body": {"hi"}, "client_id": {chat.NewID().String()}}
		return ada.post(talk+"/messages", form).status == 201 && bob.post(talk+"/messages", form).status == 201
	})
}

func TestAskingTooOften(t *testing.T) {
	t.Parallel()
	r := startReplica(t, "LIMIT_REQUESTS_PER_DAY", "1", "LIMIT_SEARCHES", "1,0.01")
	two := startReplicaAt(t, r.at, "LIMIT_REQUESTS_PER_DAY", "1")
	ada, bob, eve := r.signIn("Ada"), r.signIn("Bob"), two.signIn("Eve")
	ada.asks(bob)
	elsewhere := &person{instance: two, http: ada.http, Person: ada.Person} // the limit is everywhere the same
	got := elsewhere.post("/requests", url.Values{"person": {eve.ID.String()}})
	if got.status != 429 || got.header.Get("Retry-After") != "86400" && got.header.Get("Retry-After") != "86340" || !strings.Contains(got.body, "You have asked 1 person since") {
		t.Errorf("asking: %d, %s, %s", got.status, got.header.Get("Retry-After"), got.body)
	}
	bob.get("/people?q=ad").expect(200)
	for accept, words := range map[string]string{"application/json": `"type":"too-fast"`, "text/html": "try again in"} {
		if got := bob.get("/people?q=ad", "Accept", accept); got.status != 429 || !strings.Contains(got.body, words) || got.header.Get("Retry-After") == "" {
			t.Errorf("searching: %d, %s", got.status, got.body)
		}
	}
	ada.post("/requests", url.Values{"person": {"nobody"}}).expect(422)
	ada.post("/requests/"+uuid.NewString()+"/accept", nil).expect(404)
}
