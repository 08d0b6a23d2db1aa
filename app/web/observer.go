package web

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"parley/app/chat"
)

// Observer measures requests. It is safe for concurrent use.
type Observer interface {
	// Requested reports an answer and returns at once. route is the route's pattern,
	// or "none". A stream is reported once its head is written.
	Requested(method, route string, status int, took time.Duration)

	// SignedIn reports the result of a sign-in and returns at once. provider is a
	// Provider's Slug, or "dev".
	SignedIn(provider string, result chat.SignInResult)
}

// noObserver is the default Observer.
type noObserver struct{}

func (noObserver) Requested(string, string, int, time.Duration) {}

func (noObserver) SignedIn(string, chat.SignInResult) {}

// routeNone stands for the route of requests that no route answers.
const routeNone = "none"

// observe reports every answer to the observer, including those that Fiber did not give.
func (s *Server) observe(handle fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(c *fasthttp.RequestCtx) {
		began := time.Now()
		c.SetUserValue(localBegan, began)
		handle(c)

		route, ok := c.UserValue(localRoute).(string)
		if !ok {
			route = routeNone // rejected before Fiber
		}

		s.options.Observer.Requested(knownMethod(c), route, c.Response.StatusCode(), time.Since(began))
	}
}

// knownMethod returns the request's method, or "other", so that clients can't create
// new metric series.
func knownMethod(c *fasthttp.RequestCtx) string {
	switch m := string(c.Method()); m {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodPost, fiber.MethodPut, fiber.MethodPatch,
		fiber.MethodDelete, fiber.MethodOptions:
		return m
	}
	return "other"
}
