package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"parley/app/chat"
)

const (
	headerRequestID = "X-Request-Id"
	headerTrace     = "Traceparent"
	maxRequestID    = 64 // bytes
)

// setRequestID gives a request its ID: a trusted proxy's, or a new one. The ID is
// in the answer's headers, in the logs and on error pages.
func (s *Server) setRequestID(c *fasthttp.RequestCtx) {
	id := ""
	if peer, ok := peerAddr(c); ok && s.isTrustedProxy(peer) {
		id = validRequestID(string(c.Request.Header.Peek(headerRequestID)))
	}
	if id == "" {
		id = uuid.NewString()[:8]
	}

	c.SetUserValue(localRequest, id)
	c.Response.Header.Set(headerRequestID, id)
}

// validRequestID returns a proxy's request ID, or "" if it is too long or has a
// character that could break a log line or a header.
func validRequestID(id string) string {
	const punctuation = "-_.:/+="
	invalid := func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		return !letter && !(r >= '0' && r <= '9') && !strings.ContainsRune(punctuation, r)
	}
	if len(id) > maxRequestID || strings.ContainsFunc(id, invalid) {
		return ""
	}

	return strings.Clone(id)
}

// setRequestInfo adds chat.RequestInfo to the handlers' context, and stores the
// route's pattern once the request is answered.
func (s *Server) setRequestInfo(c *fiber.Ctx) error {
	id, _ := c.Locals(localRequest).(string)
	began, _ := c.Locals(localBegan).(time.Time)
	info := chat.RequestInfo{ID: id, Began: began, Trace: strings.Clone(c.Get(headerTrace))}
	c.SetUserContext(chat.WithRequestInfo(c.UserContext(), info))

	err := c.Next()
	if c.Locals(localRoute) == nil {
		c.Locals(localRoute, strings.Clone(c.Route().Path))
	}

	return err
}
