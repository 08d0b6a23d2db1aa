package web

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"parley/app/chat"
)

// Watch hears of requests. It returns at once, and is safe for concurrent use.
type Observer interface {
	// Requested hears of an answer; route is the pattern, or "none". Of a stream it hears when its head is written.
	Requested(method, route string, status int, took time.Duration)
}

// Observe has w hear of requests, and traced answer the id of a message's trace, or "". Not to be called once there are some.
func (s *Server) Observe(w Observer, traced func(ctx context.Context, message uuid.UUID) string) {
	s.watch, s.traced = w, traced
}

// localRoute is where a request keeps its route's pattern; routeNone is that of one that none of our routes answers.
const (
	localRoute = "route"
	routeNone  = "none"
)

// observed measures what a request took, whoever answers it.
func (s *Server) observed(handle fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(c *fasthttp.RequestCtx) {
		began := time.Now()
		c.SetUserValue(localBegan, began)
		handle(c)
		if s.watch == nil {
			return
		}
		route, ok := c.UserValue(localRoute).(string)
		if !ok {
			route = routeNone // refused before Fiber saw it
		}
		s.watch.Requested(methodOf(c), route, c.Response.StatusCode(), time.Since(began))
	}
}

// methodOf is one that there is, else "other": a stranger must not invent series.
func methodOf(c *fasthttp.RequestCtx) string {
	switch m := string(c.Method()); m {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodPost, fiber.MethodPut, fiber.MethodPatch, fiber.MethodDelete, fiber.MethodOptions:
		return m
	}
	return "other"
}

const (
	localBegan      = "began"
	headerRequestID = "X-Request-Id"
	headerTrace     = "Traceparent"
	maxRequestID    = 64
)

// identify gives a request its reference: a trusted proxy's, or one of ours. It is in the answer, in the logs and on error pages.
func (s *Server) identify(c *fasthttp.RequestCtx) {
	id := ""
	if peer, ok := peerOf(c); ok && s.trusted(peer) {
		id = requestID(string(c.Request.Header.Peek(headerRequestID)))
	}
	if id == "" {
		id = uuid.NewString()[:8]
	}
	c.SetUserValue(localRequest, id)
	c.Response.Header.Set(headerRequestID, id)
}

// requestID is what a proxy sent, if it can stand in a log and a header.
func requestID(sent string) string {
	if len(sent) > maxRequestID || strings.ContainsFunc(sent, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.:/+=", r))
	}) {
		return ""
	}
	return strings.Clone(sent)
}

// known has the handlers' context know the request, and keeps its route's pattern.
func (s *Server) known(c *fiber.Ctx) error {
	id, _ := c.Locals(localRequest).(string)
	began, _ := c.Locals(localBegan).(time.Time)
	c.SetUserContext(chat.WithRequestInfo(c.UserContext(), chat.RequestInfo{ID: id, Began: began, Trace: strings.Clone(c.Get(headerTrace))}))
	err := c.Next()
	if c.Locals(localRoute) == nil {
		c.Locals(localRoute, strings.Clone(c.Route().Path))
	}
	return err
}
