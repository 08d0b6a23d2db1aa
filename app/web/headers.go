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
		if status := ambiguous(&c.Request.Header); status != 0 {
			s.refuse(c, status)
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

func (s *Server) protect(c *fasthttp.RequestCtx) {
	s.identify(c)
	h := &c.Response.Header
	h.Set(fiber.HeaderContentSecurityPolicy, policy)
	h.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	h.Set(fiber.HeaderReferrerPolicy, "same-origin")
	h.Set(fiber.HeaderPermissionsPolicy, "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set(fiber.HeaderCacheControl, "no-store")
	h.Set(fiber.HeaderVary, "Accept, HX-Request, Accept-Encoding")
	if s.secure() {
		h.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}
