package web

import (
	"bytes"
	"context"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	uploadTimeout     = 60 * time.Second // of a larger body, until its last byte
	uploadAuthTimeout = 2 * time.Second
)

// bodyLimit raises the limit of a request to its route's MaxBody, once the head
// has arrived and before any of the body is read. It does so only with a session,
// because fasthttp allocates the whole body as soon as its length is known.
func (s *Server) bodyLimit(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path, _, _ := bytes.Cut(h.RequestURI(), []byte("?"))
	r := s.earlyRoute(h.Method(), path)
	if r == nil || r.MaxBody <= formBody {
		return fasthttp.RequestConfig{}
	}

	ctx, cancel := context.WithTimeout(context.Background(), uploadAuthTimeout)
	defer cancel()
	if _, err := s.accounts.Authenticate(ctx, string(h.Cookie(s.cookie))); err != nil {
		return fasthttp.RequestConfig{}
	}

	return fasthttp.RequestConfig{MaxRequestBodySize: r.MaxBody, ReadTimeout: uploadTimeout}
}

// expectContinue rejects a body that is too large while its sender still waits for
// 100 Continue.
func (s *Server) expectContinue(c *fasthttp.RequestCtx) int {
	limit := max(formBody, s.bodyLimit(&c.Request.Header).MaxRequestBodySize)
	if c.Request.Header.ContentLength() > limit {
		s.setSecurityHeaders(c)
		return fiber.StatusRequestEntityTooLarge
	}
	return fiber.StatusContinue
}
