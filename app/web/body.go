package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"parley/app/chat"
)

// A body takes memory only as its bytes arrive. fasthttp hands over a stream, of which it
// has read one byte (fiber.Config.BodyLimit), and receiveBody reads the rest.
const (
	prefetchedBody = 1       // byte; fasthttp reads at least one
	firstBuffer    = 4 << 10 // bytes; doubled while the body is longer

	maxBodyBytes           = 64 << 20 // bytes of all bodies in memory
	maxBodyBytesPerNetwork = 24 << 20 // bytes: four pictures and 64 forms of the largest size
	maxUploadsPerPerson    = 2        // bodies above formBody

	uploadTimeout     = 60 * time.Second // of a larger body, until its last byte
	uploadAuthTimeout = 2 * time.Second
)

const expectsContinue = "100-continue"

// headerReceived makes fasthttp call admitBody for a body above formBody before any of it
// is read: it adds the Expect header with which a client can request the same.
func (s *Server) headerReceived(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	size := h.ContentLength()
	chunked := size == -1
	path, _, _ := bytes.Cut(h.RequestURI(), []byte("?"))
	if size > formBody || chunked && s.uploadRoute(h.Method(), path) != nil {
		h.Set(fiber.HeaderExpect, expectsContinue)
	}
	return fasthttp.RequestConfig{}
}

// uploadRoute returns the row of a route that admits bodies above formBody, or nil.
func (s *Server) uploadRoute(method, path []byte) *route {
	if r := s.earlyRoute(method, path); r != nil && r.MaxBody > formBody {
		return r
	}
	return nil
}

// admitBody decides whether a body is read while its sender waits for 100 Continue, or
// headerReceived pretended so. It returns the status of an answer that is written already,
// or 100.
func (s *Server) admitBody(c *fasthttp.RequestCtx) int {
	joinLists(&c.Request.Header)
	err := s.mayReceive(c)
	conn, ours := c.Conn().(*connection)
	if err == nil {
		if ours && !hasLine(c.Request.Header.RawHeaders(), fiber.HeaderExpect) {
			conn.hideContinue = true
		}
		return fiber.StatusContinue
	}

	if ours {
		conn.unread.Store(true)
	}
	s.observe(func(c *fasthttp.RequestCtx) {
		s.setSecurityHeaders(c)
		s.reject(c, err)
	})(c)
	return c.Response.StatusCode()
}

// mayReceive returns the error that rejects a request for its body, from its head alone.
// A body above formBody needs a route that takes it, a session, and one of the person's
// slots. It has uploadTimeout to arrive.
func (s *Server) mayReceive(c *fasthttp.RequestCtx) error {
	h := &c.Request.Header
	if status := smuggling(h); status != 0 {
		return fiber.NewError(status)
	}

	// Fiber would decode a body of 64 KiB into any amount of memory. It reads the last line, and
	// fasthttp the first.
	for _, coding := range h.PeekAll(fiber.HeaderContentEncoding) {
		if len(coding) > 0 && !bytes.EqualFold(coding, []byte("identity")) {
			return fiber.NewError(fiber.StatusUnsupportedMediaType)
		}
	}

	size := h.ContentLength() // -1: chunked; -2: no body
	r := s.uploadRoute(h.Method(), c.Path())
	switch {
	case size != -1 && size <= formBody, size == -1 && r == nil:
		return nil
	case r == nil, size > r.MaxBody:
		return fiber.ErrRequestEntityTooLarge
	}

	return s.admitUpload(c)
}

func (s *Server) admitUpload(fast *fasthttp.RequestCtx) error {
	c := s.app.AcquireCtx(fast)
	defer s.app.ReleaseCtx(c)
	if s.isCrossSite(c) {
		return errCrossSite
	}
	if kind := mediaType(c.Get(fiber.HeaderContentType)); kind != fiber.MIMEMultipartForm {
		return fiber.ErrUnsupportedMediaType
	}

	ctx, cancel := context.WithTimeout(context.Background(), uploadAuthTimeout)
	defer cancel()
	session, err := s.accounts.Authenticate(ctx, strings.Clone(c.Cookies(s.cookie)))
	if err != nil { // strangers have the limit of other routes
		return fiber.ErrRequestEntityTooLarge
	}

	conn, ok := fast.Conn().(*connection)
	if !ok {
		return nil
	}
	if !s.uploads.TryAcquire(session.Person.ID, 1) {
		return &chat.Error{
			Kind:       chat.KindTooFast,
			RetryAfter: defaultRetryAfter * time.Second,
			Detail:     "Two of your files are on their way already. Try again when they have arrived.",
		}
	}

	conn.upload = func() { s.uploads.Release(session.Person.ID, 1) }
	return conn.SetReadDeadline(time.Now().Add(uploadTimeout))
}

// receiveBody reads the body of a request, which must not be longer than limit, nor than
// formBody unless it was admitted as an upload. It returns, also with an error, how many
// bytes of s.bodies are in use until the request is answered.
func (s *Server) receiveBody(c *fiber.Ctx, network netip.Prefix, limit int) (used int, err error) {
	fast := c.Context()
	stream := fast.RequestBodyStream()
	if stream == nil {
		return 0, nil
	}

	conn, ours := fast.Conn().(*connection)
	if !ours || conn.upload == nil {
		limit = min(limit, formBody)
	}

	body, err := readBody(stream, fast.Request.Header.ContentLength(), limit, func(n int) error {
		if !s.bodies.TryAcquire(network, n) {
			return errTooManyBodies()
		}
		used += n
		return nil
	})
	if err != nil {
		fast.SetConnectionClose() // where the next request starts is not certain
		return used, bodyError(err)
	}

	fast.Request.SetBodyRaw(body)
	if ours {
		conn.unread.Store(false)
	}
	return used, nil
}

// readBody reads size bytes, or with size -1 until the end of the stream, but not more
// than limit. It calls grow before it allocates n bytes.
func readBody(stream io.Reader, size, limit int, grow func(n int) error) ([]byte, error) {
	switch {
	case size < -1: // no body
		return nil, nil
	case size > limit:
		return nil, fiber.ErrRequestEntityTooLarge
	}

	end := size
	if size < 0 {
		end = limit + 1 // the byte that shows that the body is too long
	}

	var body []byte
	for ended := false; !ended && len(body) < end; {
		if len(body) == cap(body) {
			more := min(max(len(body), firstBuffer), end-len(body))
			if err := grow(more); err != nil {
				return nil, err
			}
			body = append(make([]byte, 0, len(body)+more), body...)
		}

		n, err := stream.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if ended = errors.Is(err, io.EOF); err != nil && !ended {
			return nil, err
		}
	}

	switch {
	case len(body) > limit:
		return nil, fiber.ErrRequestEntityTooLarge
	case len(body) < size:
		return nil, io.ErrUnexpectedEOF
	}

	return body, nil
}

// bodyError gives an error of the connection or of the body's coding its status.
func bodyError(err error) error {
	var known *fiber.Error
	var domain *chat.Error
	var timeout net.Error
	switch {
	case errors.As(err, &known), errors.As(err, &domain):
		return err
	case errors.As(err, &timeout) && timeout.Timeout():
		return fiber.ErrRequestTimeout
	}
	return fiber.ErrBadRequest
}

// errTooManyBodies is the error of a body for which no memory is left.
func errTooManyBodies() error {
	return &chat.Error{
		Kind:       chat.KindTooFast,
		RetryAfter: defaultRetryAfter * time.Second,
		Detail:     "Too much is being sent from your network at once. Nothing is lost; please try again in a moment.",
	}
}
