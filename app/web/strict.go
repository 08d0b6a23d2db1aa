package web

import (
	"bytes"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// ambiguous finds what fasthttp takes in its way and a proxy may take in another (RFC 9112 §5.2, §6.1, §11.2; RFC 9110 §5.1, §10.1.1): where one of
// them sees the end of a request the other may see the start of one. It answers the refusal's status, or 0.
func smuggling(h *fasthttp.RequestHeader) int {
	if p := string(h.Protocol()); p != "HTTP/1.1" && p != "HTTP/1.0" {
		return fiber.StatusBadRequest
	}
	lengths, codings := 0, 0
	for line := range bytes.SplitSeq(h.RawHeaders(), []byte("\r\n")) {
		if len(line) == 0 {
			continue
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || len(name) == 0 || bytes.ContainsFunc(name, notInNames) { // a folded line starts with a space
			return fiber.StatusBadRequest
		}
		word := strings.ToLower(string(bytes.Trim(value, " \t")))
		switch strings.ToLower(string(name)) {
		case "content-length":
			lengths++
		case "transfer-encoding":
			if codings++; word != "chunked" {
				return fiber.StatusBadRequest
			}
		case "expect":
			if word != "100-continue" {
				return fiber.StatusExpectationFailed
			}
		}
	}
	if lengths+codings > 1 {
		return fiber.StatusBadRequest
	}
	return 0
}

// notInNames tells what no token has (RFC 9110 §5.6.2).
func notInNames(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
}

// refuse answers a request that no handler sees, and ends its connection: where the next one would start isn't sure.
func (s *Server) refuse(c *fasthttp.RequestCtx, status int) {
	ctx := s.app.AcquireCtx(c)
	defer s.app.ReleaseCtx(ctx)
	if err := s.fail(ctx, fiber.NewError(status)); err != nil {
		c.SetStatusCode(status)
	}
	c.SetConnectionClose()
}

// expect refuses a body that is too large while its sender still waits for permission.
func (s *Server) expect(c *fasthttp.RequestCtx) int {
	limit := maxBody
	if larger := s.bodyLimit(&c.Request.Header).MaxRequestBodySize; larger > 0 {
		limit = larger
	}
	if c.Request.Header.ContentLength() > limit {
		s.protect(c)
		return fiber.StatusRequestEntityTooLarge
	}
	return fiber.StatusContinue
}
