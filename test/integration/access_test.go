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
