package integration

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// reply is a response with its body.
type reply struct {
	t       testing.TB
	request string // method and path, for failure texts
	status  int
	header  http.Header
	body    string
}

func (r reply) expectStatus(status int) {
	r.t.Helper()
	if r.status != status {
		r.t.Errorf("%s: status %d, want %d: %s", r.request, r.status, status, r.body)
	}
}

// mustHaveStatus ends the test if the status differs.
func (r reply) mustHaveStatus(status int) {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: status %d, want %d: %s", r.request, r.status, status, r.body)
	}
}

// decode reads the body as JSON.
func (r reply) decode(v any, status int) {
	r.t.Helper()
	r.mustHaveStatus(status)
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		r.t.Fatalf("%v: %s", err, r.body)
	}
}

// page reads the body as HTML.
func (r reply) page(status int) *goquery.Document {
	r.t.Helper()
	r.mustHaveStatus(status)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(r.body))
	if err != nil {
		r.t.Fatal(err)
	}
	return doc
}

// location returns the target of a redirect.
func (r reply) location() string {
	r.t.Helper()
	if r.status != 302 && r.status != 303 {
		r.t.Fatalf("status %d is no redirect: %s", r.status, r.body)
	}
	return r.header.Get("Location")
}

// expectRetryAfter checks a rejection: its status, and Retry-After of at least 1 s.
func (r reply) expectRetryAfter(what string, status int) {
	r.t.Helper()
	after, err := strconv.Atoi(r.header.Get("Retry-After"))
	if r.status != status || err != nil || after < 1 {
		r.t.Errorf("%s: status %d, Retry-After %q: %s", what, r.status, r.header.Get("Retry-After"), r.body)
	}
}

// words returns the text of an element with single spaces.
func words(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }
