package web

import (
	"time"

	"github.com/valyala/fasthttp"

	"parley/app/chat"
)

// An answer stays in memory until its client has read it. Pages of long messages have more
// than a megabyte, and a client may read them as slowly as writeTimeout allows.
const (
	maxUnsent          = 128 << 20 // bytes of all answers that are not written yet
	maxUnsentPerPerson = 8 << 20   // bytes: two of the largest pages

	// uncountedAnswer is the size up to which the kernel's buffer takes an answer at once.
	uncountedAnswer = 16 << 10 // bytes
)

// holdAnswer counts the bytes of an answer for its viewer until they are written. It replaces
// an answer beyond the limit by an error. Strangers' answers are short or shared.
func (s *Server) holdAnswer(c *fasthttp.RequestCtx) {
	conn, ours := c.Conn().(*connection)
	session, signedIn := c.UserValue(localSession).(chat.Session)
	if !ours || !signedIn || c.Response.IsBodyStream() {
		return
	}

	person, size := session.Person.ID, min(len(c.Response.Body()), maxUnsentPerPerson)
	if size <= uncountedAnswer {
		return
	}
	if !s.answers.TryAcquire(person, size) {
		c.Response.Reset()
		s.setSecurityHeaders(c)
		s.reject(c, errTooManyAnswers())
		return
	}

	release := func() { s.answers.Release(person, size) }
	conn.unsent.Store(&release)
}

// errTooManyAnswers is the error of an answer for which no memory is left.
func errTooManyAnswers() error {
	return &chat.Error{
		Kind:       chat.KindTooFast,
		RetryAfter: defaultRetryAfter * time.Second,
		Detail:     "Too many pages are still on their way to you. Nothing is lost; please try again in a moment.",
	}
}
