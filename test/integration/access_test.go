package integration

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// relationNames are the relations to Ada that somebody may have. "blocked" was her
// friend before she blocked them, "unseen" was not; "out" is signed out.
var relationNames = strings.Fields("out stranger asked friend unfriended blocked unseen owner")

const messageBody = "body=hi&client_id=0198a3c2-7d1e-7c44-9e0b-5b1f8e2d9a10"

// accessRules name the status of each route for each relation, in the order of
// relationNames. "of" names the resource in the path: Ada herself (person), her
// conversation with this person or else with her friend (conversation), the friend
// request that "asked" sent her (request), a message returned to her (returned) or
// her session (session).
var accessRules = []struct {
	route string
	of    string
	form  string
	want  string
}{
	{"GET /healthz", "", "", "200 200 200 200 200 200 200 200"},
	{"GET /readyz", "", "", "200 200 200 200 200 200 200 200"},
	{"GET /static/*", "", "", "404 404 404 404 404 404 404 404"},
	{"GET /", "", "", "200 303 303 303 303 303 303 303"},
	{"GET /signin", "", "", "200 200 200 200 200 200 200 200"},
	{"POST /signin/dev", "", "name=Somebody", "200 200 200 200 200 200 200 200"},
	{"POST /signout", "", "", "401 204 204 204 204 204 204 204"},
	{"GET /conversations", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /conversations", "person", "person=:person", "401 403 403 200 403 403 404 422"},
	{"GET /conversations/:id", "conversation", "", "401 404 404 200 200 200 404 200"},
	{"POST /conversations/:id", "conversation", "body=hi", "401 405 405 405 405 405 405 405"},
	{"GET /conversations/:id/details", "conversation", "", "401 404 404 200 200 200 404 200"},
	{"POST /conversations/:id/typing", "conversation", "", "401 404 404 204 204 204 404 204"},
	{"POST /conversations/:id/draft", "conversation", messageBody, "401 404 404 204 403 403 404 204"},
	{"POST /conversations/:id/messages", "conversation", messageBody, "401 404 404 201 403 403 404 201"},
	{"POST /conversations/:id/read", "conversation", "seq=1", "401 404 404 204 204 204 404 204"},
	{"POST /conversations/:id/delivered", "conversation", "seq=1", "401 404 404 204 204 204 404 204"},
	{"POST /returned/:id/dismiss", "returned", "", "401 404 404 404 404 404 404 204"},
	{"GET /people", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /people/:id/block", "person", "", "401 204 204 204 204 204 404 422"},
	{"POST /people/:id/unblock", "person", "", "401 204 204 204 204 204 204 204"},
	{"GET /requests", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /requests", "person", "person=:person", "401 201 200 200 201 404 404 422"},
	{"POST /requests/:id/accept", "request", "", "401 404 404 404 404 404 404 200"},
	{"POST /requests/:id/decline", "request", "", "401 404 404 404 404 404 404 200"},
	{"POST /requests/:id/cancel", "request", "", "401 404 200 404 404 404 404 404"},
	{"GET /friends", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /friends/:person/remove", "person", "", "401 204 204 204 204 204 204 204"},
	{"GET /account", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /account/profile", "", "name=Somebody+else", "401 200 200 200 200 200 200 200"},
	{"POST /account/picture", "", "remove=picture", "401 204 204 204 204 204 204 204"},
	{"POST /account/appearance", "", "theme=dark", "401 200 200 200 200 200 200 200"},
	{"POST /account/zone", "", "time_zone=UTC", "401 200 200 200 200 200 200 200"},
	{"POST /account/privacy", "", "share_read=off", "401 200 200 200 200 200 200 200"},
	{"GET /account/sessions", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /account/sessions/revoke-others", "", "", "401 204 204 204 204 204 204 204"},
	{"POST /account/sessions/:id/revoke", "session", "", "401 404 404 404 404 404 404 204"},
	{"GET /account/export", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /account/export", "", "", "401 200 200 200 200 200 200 200"},
	{"GET /account/delete", "", "", "401 200 200 200 200 200 200 200"},
	{"POST /account/delete", "", "name=nobody", "401 422 422 422 422 422 422 422"},
	{"POST /welcome", "", "name=Somebody+else", "401 200 200 200 200 200 200 200"},
	{"GET /auth/:provider", "", "", "404 404 404 404 404 404 404 404"},
	{"GET /auth/:provider/callback", "", "", "404 404 404 404 404 404 404 404"},
	{"GET /pictures/:hash", "", "", "401 404 404 404 404 404 404 404"},
	{"GET /welcome", "", "", "401 200 200 200 200 200 200 200"},
	{"GET /manifest.webmanifest", "", "", "200 200 200 200 200 200 200 200"},
	{"GET /worker.js", "", "", "200 200 200 200 200 200 200 200"},
	{"GET /offline", "", "", "200 200 200 200 200 200 200 200"},
	{"GET /gallery", "", "", "200 200 200 200 200 200 200 200"},
	{"GET /gallery/errors/:status", "", "", "404 404 404 404 404 404 404 404"},
	{"HEAD /events", "", "", "405 405 405 405 405 405 405 405"},
	{"GET /events", "", "", "401 200 200 200 200 200 200 200"},
}

// relations are Ada and one person of each relation to her.
type relations struct {
	ada           *person
	of            map[string]*person // by relation
	conversations map[string]string  // with Ada, by relation
	request       string
}

func (r *instance) relations(n int) relations {
	name := func(s string) string { return fmt.Sprintf("%s of route %d", s, n) }
	w := relations{ada: r.signIn(name("Ada")), of: map[string]*person{}, conversations: map[string]string{}}
	w.of["owner"], w.of["out"] = w.ada, r.visitor()
	for _, relation := range relationNames[1 : len(relationNames)-1] {
		p := r.signIn(name(relation))
		w.of[relation] = p
		switch relation {
		case "asked":
			w.request = p.requestFriend(w.ada).ID.String()
		case "friend", "unfriended", "blocked":
			w.conversations[relation] = strings.TrimPrefix(p.openConversation(w.ada), "/conversations/")
		}
		switch relation {
		case "unfriended":
			w.ada.post("/friends/"+p.ID.String()+"/remove", nil).expectStatus(204)
		case "blocked", "unseen":
			w.ada.post("/people/"+p.ID.String()+"/block", nil).expectStatus(204)
		}
	}

	return w
}

// target returns the id of the resource that a route names.
func (w relations) target(of, relation string) string {
	switch of {
	case "person":
		return w.ada.ID.String()
	case "conversation":
		if conversation, ok := w.conversations[relation]; ok {
			return conversation
		}
		return w.conversations["friend"]
	case "request":
		return w.request
	case "returned":
		return w.ada.insertReturned(w.conversations["friend"])
	case "session":
		return w.ada.sessions()[0].ID.String()
	}

	return "nothing"
}

// request requests a route with id in place of its parameters.
func (p *person) request(route, form, id string, headers ...string) reply {
	method, path, _ := strings.Cut(route, " ")
	names := strings.NewReplacer(":id", id, ":person", id, ":provider", id, ":hash", id, "*", id)
	if path == "/events" {
		return p.probeStream(method)
	}

	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(names.Replace(form))
		headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
	}

	return p.do(method, names.Replace(path), body, headers...)
}

// probeStream opens a stream, and closes it after the head of the response.
func (p *person) probeStream(method string) reply {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.base+"/events?format=json", nil)
	if err != nil {
		p.t.Fatal(err)
	}

	req.Header.Set("Accept", "application/json")
	res, err := p.http.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	return reply{t: p.t, status: res.StatusCode, header: res.Header}
}

// reference matches the request id in a problem, which differs between responses.
var reference = regexp.MustCompile(`("instance":"|Reference for support: )[0-9a-f]{8}`)

func withoutReference(r reply) string { return reference.ReplaceAllString(r.body, "") }

// TestAccessRules checks every route for every relation. A resource that a person
// may not see is answered byte for byte like a missing one, in JSON and HTML.
func TestAccessRules(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	var listed []string
	for i, row := range accessRules {
		listed = append(listed, row.route)
		t.Run(row.route, func(t *testing.T) {
			w := r.relations(i)
			wants := strings.Fields(row.want)
			for j, relation := range relationNames {
				who, id := w.of[relation], w.target(row.of, relation)
				if wants[j] == "404" { // first, because the request below may change the resource
					for _, accept := range []string{"application/json", "text/html"} {
						there := who.request(row.route, row.form, id, "Accept", accept)
						nothing := who.request(row.route, row.form, uuid.NewString(), "Accept", accept)
						if a, b := withoutReference(there), withoutReference(nothing); a != b ||
							there.status != nothing.status {
							t.Errorf("%s can tell the resource from a missing one (%s): status %d and %d\n%s\n%s",
								relation, accept, there.status, nothing.status, a, b)
						}
					}
				}
				if got := who.request(row.route, row.form, id); fmt.Sprint(got.status) != wants[j] {
					t.Errorf("%s: status %d, want %s: %s", relation, got.status, wants[j], got.body)
				}
			}
		})
	}

	for _, route := range r.replica.Server.Routes() {
		if !slices.Contains(listed, route) {
			t.Errorf("route %s is missing in the table of access rules", route)
		}
	}
}

// TestBlockIsNotVisible: blocked people get the same answers as if Ada did not exist
// or had unfriended them, and can still read the conversation.
func TestBlockIsNotVisible(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	w := r.relations(0)
	for relation, found := range map[string]bool{
		"stranger":   true,
		"asked":      true,
		"friend":     true,
		"unfriended": true,
		"blocked":    false,
		"unseen":     false,
	} {
		there := w.of[relation].get("/people?q=" + url.QueryEscape(w.ada.Name))
		nothing := w.of[relation].get("/people?q=nobody+at+all")
		if (there.body != nothing.body) != found {
			t.Errorf("search by %s: %s", relation, there.body)
		}
	}

	for _, path := range []string{"/friends", "/requests"} {
		if got, want := w.of["blocked"].get(path).body, w.of["unfriended"].get(path).body; got != want {
			t.Errorf("%s: blocked gets %s, unfriended gets %s", path, got, want)
		}
	}

	form := messageForm("hi")
	blocked := w.of["blocked"].post("/conversations/"+w.conversations["blocked"]+"/messages", form)
	unfriended := w.of["unfriended"].post("/conversations/"+w.conversations["unfriended"]+"/messages", form)
	if a, b := withoutReference(blocked), withoutReference(unfriended); a != b {
		t.Errorf("send: blocked gets %s, unfriended gets %s", a, b)
	}
	prefix := w.ada.Name[:len(w.ada.Name)-1]
	got := w.of["unseen"].get("/people?q=" + url.QueryEscape(prefix))
	if strings.Contains(got.body, w.ada.ID.String()) {
		t.Errorf("search by a prefix of the name: %s", got.body)
	}
}
