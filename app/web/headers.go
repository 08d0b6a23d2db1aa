package web

import (
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// contentSecurityPolicy lets a page load from, post to and connect to its own
// origin only. Inline scripts and styles are blocked.
var contentSecurityPolicy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self'",
	"connect-src 'self'",
	"manifest-src 'self'",
	"worker-src 'self'",
	"form-action 'self'",
	"base-uri 'none'",
	"frame-ancestors 'none'",
}, "; ")

// permissionsPolicy turns off the browser features that Parley does not use.
const permissionsPolicy = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), " +
	"magnetometer=(), microphone=(), midi=(), payment=(), usb=()"

// securityHeaders are the headers of every answer. Pages and fragments are never
// cached: handlers of files and pictures replace Cache-Control.
var securityHeaders = [...][2]string{
	{fiber.HeaderContentSecurityPolicy, contentSecurityPolicy},
	{fiber.HeaderXContentTypeOptions, "nosniff"},
	{fiber.HeaderReferrerPolicy, "same-origin"},
	{fiber.HeaderPermissionsPolicy, permissionsPolicy},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{fiber.HeaderCacheControl, "no-store"},
}

// Headers returns the names and values of the headers that every answer has, here
// and on the operators' listener.
func Headers() [7][2]string { return securityHeaders }

// secureServer wraps fasthttp's handlers, because Fiber answers some requests by
// itself: unreadable ones and those with an unknown method. These answers get the
// security headers too, and are observed.
func (s *Server) secureServer() {
	server := s.app.Server()
	handle, fail := server.Handler, server.ErrorHandler

	server.Handler = s.observe(func(c *fasthttp.RequestCtx) {
		s.setSecurityHeaders(c)
		if conn, ok := c.Conn().(*connection); ok {
			conn.endAnswer() // of the request before, if both were sent at once
			conn.unread.Store(c.Request.IsBodyStream())
			defer conn.endUpload()
		}

		if !c.Request.MayContinue() { // else admitBody did this
			if err := s.mayReceive(c); err != nil {
				s.reject(c, err)
				return
			}
		}

		defer func() { s.endReading(c.UserValue(localReading)) }()
		joinLists(&c.Request.Header)
		if s.shedSend(c) {
			return
		}

		if slices.Contains(fiber.DefaultMethods, string(c.Method())) {
			handle(c)
		} else { // Fiber would answer with a text of its own
			s.answerError(c, fiber.ErrBadRequest)
		}
		s.holdAnswer(c)
	})

	server.ErrorHandler = func(c *fasthttp.RequestCtx, err error) {
		s.setSecurityHeaders(c)

		// A head that fasthttp can't read has no Accept. Only one that is too long may be a
		// browser's, and gets a page.
		var tooLong *fasthttp.ErrSmallBuffer
		if len(c.Request.Header.RawHeaders()) == 0 && !errors.As(err, &tooLong) {
			c.SetUserValue(localProgram, true)
		}

		fail(c, err)
	}

	server.HeaderReceived = s.headerReceived
	server.ExpectHandler = s.admitBody
}

func (s *Server) setSecurityHeaders(c *fasthttp.RequestCtx) {
	s.setRequestID(c)
	h := &c.Response.Header
	for _, header := range securityHeaders {
		h.Set(header[0], header[1])
	}

	h.Set(fiber.HeaderVary, "Accept, HX-Request, HX-Target, Accept-Encoding")
	if s.secure() {
		h.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}
