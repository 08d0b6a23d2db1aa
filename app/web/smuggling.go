package web

import (
	"bytes"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// smuggling returns the status with which to reject an ambiguous request, or 0.
// A request is ambiguous if fasthttp reads it in one way and a proxy may read it in
// another (RFC 9112 §2.2, §5.2, §6.1, §11.2; RFC 9110 §5.1, §10.1.1): one of them could
// see a second request where the other sees a body.
func smuggling(h *fasthttp.RequestHeader) int {
	if p := string(h.Protocol()); p != "HTTP/1.1" && p != "HTTP/1.0" {
		return fiber.StatusBadRequest
	}

	// fasthttp ends a line at a bare LF too, which a proxy may read as a part of the value.
	head := h.RawHeaders()
	if bytes.Count(head, []byte("\n")) != bytes.Count(head, []byte("\r\n")) {
		return fiber.StatusBadRequest
	}

	lengths, codings := 0, 0
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(line) == 0 {
			continue
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || len(name) == 0 || bytes.ContainsFunc(name, notInToken) { // a folded line starts with a space
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

// notInToken reports whether a token may not contain r (RFC 9110 §5.6.2).
func notInToken(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
}

// reject answers a request that no handler sees, and closes the connection, because the
// start of the next request is not certain.
func (s *Server) reject(c *fasthttp.RequestCtx, cause error) {
	s.answerError(c, cause)
	c.SetConnectionClose()
}

// answerError answers a request that Fiber does not route.
func (s *Server) answerError(c *fasthttp.RequestCtx, cause error) {
	ctx := s.app.AcquireCtx(c)
	defer s.app.ReleaseCtx(ctx)
	if err := s.fail(ctx, cause); err != nil {
		c.SetStatusCode(s.problemOf(ctx, cause).Status)
	}
}

// hasLine reports whether a head, as it was received, has a line with this name.
func hasLine(head []byte, name string) bool {
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if key, _, _ := bytes.Cut(line, []byte(":")); strings.EqualFold(string(key), name) {
			return true
		}
	}
	return false
}
