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

// request requests a route with id in place of its parameters.
func (p *person) request(route, form, id string, headers ...string) reply {
	method, path, _ := strings.Cut(route, " ")
	names := strings.NewReplacer(":id", id, ":person", id, ":provider", id, ":hash", id, ":token", id, "*", id)
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

// TestBlockIsNotVisible: to blocked people Ada looks like a stranger who never answers.
// They get the same answers as people whom she has unfriended, or who are strangers.
func TestBlockIsNotVisible(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	w := r.relations(0)
	name := url.QueryEscape(w.ada.Name)
	for blocked, like := range map[string]string{"blocked": "unfriended", "unseen": "stranger"} {
		for _, accept := range []string{"application/json", "text/html"} {
			got, want := w.answers(blocked, name, accept), w.answers(like, name, accept)
			for i, what := range want {
				if got[i] != what {
					n := commonPrefix(got[i], what)
					t.Errorf("%s, answer %d: %s gets %.300q, %s gets %.300q", accept, i, blocked, got[i][n:], like, what[n:])
				}
			}
		}
	}

	if got := w.ada.get("/requests").body; strings.Contains(got, w.of["unseen"].ID.String()) ||
		strings.Contains(got, w.of["blocked"].ID.String()) {
		t.Errorf("requests of Ada: %s", got)
	}

	form := messageForm("hi")
	blocked := w.of["blocked"].post("/conversations/"+w.conversations["blocked"]+"/messages", form)
	unfriended := w.of["unfriended"].post("/conversations/"+w.conversations["unfriended"]+"/messages", form)
	if a, b := withoutReference(blocked), withoutReference(unfriended); a != b {
		t.Errorf("send: blocked gets %s, unfriended gets %s", a, b)
	}
}

// ownAvatar matches the avatar beside a person's own name, from its hue (0 to 11) on.
var ownAvatar = regexp.MustCompile(`\d+" aria-hidden="true">\w\w</span>(?:</a>)?<b (?:class="grow" )?dir="auto">NAME`)

// ownInvite matches the section with a person's own invite link.
var ownInvite = regexp.MustCompile(`(?s)<section class="stack tight" id="invite".*?</section>`)

// answers are what a person is answered who looks for Ada, asks her twice, cancels and
// asks again, with ids and times replaced.
func (w relations) answers(relation, name, accept string) (answers []string) {
	p := w.of[relation]
	note := func(a reply) {
		text := strings.ReplaceAll(withoutReference(a), p.Name, "NAME")
		text = ownInvite.ReplaceAllString(ownAvatar.ReplaceAllString(text, "NAME"), "")
		answers = append(answers, fmt.Sprint(a.status, " ", masked(text)))
	}
	look := func() {
		for _, path := range []string{"/people?q=" + name, "/people/" + w.ada.ID.String(), "/requests", "/friends", "/conversations"} {
			note(p.get(path, "Accept", accept))
		}
		if id, ok := w.conversations[relation]; ok {
			note(p.get("/conversations/"+id, "Accept", accept))
		}
		note(p.post("/conversations", url.Values{"person": {w.ada.ID.String()}}, "Accept", accept))
	}

	look()
	if id, ok := w.conversations[relation]; ok { // once, because reading details has a budget
		note(p.get("/conversations/"+id+"/details", "Accept", accept))
	}
	for range 2 {
		asked := p.requestFriend(w.ada)
		note(p.post("/requests", url.Values{"person": {w.ada.ID.String()}}, "Accept", accept))
		look()
		note(p.post("/requests/"+asked.ID.String()+"/cancel", nil, "Accept", accept))
		note(p.post("/requests/"+asked.ID.String()+"/accept", nil, "Accept", accept))
		look()
	}
	return answers
}

// commonPrefix returns how many bytes two texts begin with in common.
func commonPrefix(a, b string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
