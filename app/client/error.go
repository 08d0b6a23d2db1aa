package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Error is a response with a status above 299. Its fields are those of the RFC
// 9457 problem that Parley answers with, where the response carries one.
type Error struct {
	Method, Path string
	Status       int
	// Type is the kind of problem, such as "not-sent" or "unconfirmed"; "" if the body is no
	// problem.
	Type string
	// Detail is the sentence that people read.
	Detail string
	// RetryAfter is what the header of that name says; 0 without one.
	RetryAfter time.Duration
}

// Error names the request, the status and the problem.
func (e *Error) Error() string {
	return fmt.Sprintf("%s %s: status %d %s: %s", e.Method, e.Path, e.Status, e.Type, e.Detail)
}

func newError(res *http.Response, body []byte) *Error {
	e := &Error{Method: res.Request.Method, Path: res.Request.URL.Path, Status: res.StatusCode}

	var problem struct{ Type, Detail string }
	if json.Unmarshal(body, &problem) == nil { // a proxy's error page is no problem document
		e.Type, e.Detail = problem.Type, problem.Detail
	}

	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil {
		e.RetryAfter = time.Duration(seconds) * time.Second
	}

	return e
}

// Status returns the HTTP status of an error, or 0 if no response came.
func Status(err error) int {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Status
	}

	return 0
}

// NotSent reports whether a failed send certainly reached nobody: no connection
// could be opened, or the replica rejected the message. After any other error
// its outcome is unknown until the same message is sent again.
func NotSent(err error) bool {
	if dial := (*net.OpError)(nil); errors.As(err, &dial) && dial.Op == "dial" {
		return true
	}

	var e *Error
	return errors.As(err, &e) && e.Type != "" && e.Type != "unconfirmed" && e.Type != "internal"
}
