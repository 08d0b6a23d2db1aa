package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// policy is what a page of ours may do: load, post to and talk with its own origin, and run nothing that stands in it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// armour puts the headers on every answer, before Fiber sees the request: those that it refuses by itself, for what can't be read as a request
// or for a method that it doesn't know, have them too. Pages and fragments are never kept. What is ambiguous is refused.
func (s *Server) armour() {
	server := s.app.Server()
	handle, fail := server.Handler, server.ErrorHandler
	server.Handler = s.observed(func(c *fasthttp.RequestCtx) {
		s.protect(c)
		if status := smuggling(&c.Request.Header); status != 0 {
			s.refuse(c, status)
			return
		}
		if s.turnedAway(c) {
			return
		}
		handle(c)
	})
	server.ExpectHandler = s.expect
	server.ErrorHandler = func(c *fasthttp.RequestCtx, err error) {
		s.protect(c)
		fail(c, err)
	}
}

// Headers are those of every answer, here and on the operators' listener.
func Headers() [7][2]string {
	return [...][2]string{
		{fiber.HeaderContentSecurityPolicy, policy},
		{fiber.HeaderXContentTypeOptions, "nosniff"},
		{fiber.HeaderReferrerPolicy, "same-origin"},
		{fiber.HeaderPermissionsPolicy, "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{fiber.HeaderCacheControl, "no-store"},
	}
}

func (s *Server) protect(c *fasthttp.RequestCtx) {
	s.identify(c)
	h := &c.Response.Header
	for _, header := range Headers() {
		h.Set(header[0], header[1])
	}
	h.Set(fiber.HeaderVary, "Accept, HX-Request, Accept-Encoding")
	if s.secure() {
		h.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}
