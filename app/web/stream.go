package web

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/app/sse/frame"
)

// A browser reconnects a lost stream after a delay between these two. Browsers add no
// jitter of their own, so after the end of a replica all of its streams would reconnect
// to another one at the same moment.
const (
	minReconnectDelay = 500 * time.Millisecond
	maxReconnectDelay = 2500 * time.Millisecond
)

// signOutFrame makes a page leave for the sign-in page.
var signOutFrame = frame.Event(string(chat.SignOutEvent{}.Kind()), []byte(`{"location":"/signin"}`))

// openStream admits a stream, then gives the hub the raw connection. The head of the
// answer is written here, because fasthttp's own answer would keep its reader, its
// writer and a goroutine for as long as the stream lives.
func (s *Server) openStream(c *fiber.Ctx, _ viewer) error {
	format := chat.StreamHTML
	if c.Query("format") == "json" {
		format = chat.StreamJSON
		c.Locals(localProgram, true)
	}

	stream, err := s.reserveStream(c, format)
	if chat.KindOf(err) == chat.KindSignedOut && format == chat.StreamHTML {
		// An EventSource reconnects after a 401. The event makes the page leave instead.
		c.Set(fiber.HeaderContentType, "text/event-stream")
		return c.Send(signOutFrame)
	}

	if err != nil {
		return err
	}

	head := streamHead(c)
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) { s.attachStream(conn, head, stream) })
	return nil
}

// reserveStream admits a stream of the request's session. It authenticates again after the
// reservation: a session that ends before is noticed here, and one that ends later by the
// hub, which ends reserved streams too.
func (s *Server) reserveStream(c *fiber.Ctx, format chat.StreamFormat) (stream chat.Stream, err error) {
	session, err := s.authenticate(c)
	if err != nil {
		return stream, err
	}

	stream = chat.Stream{
		Person:  session.Person.ID,
		Session: session.ID,
		Address: s.clientAddr(c),
		Format:  format,
	}
	if err := s.streams.Reserve(stream); err != nil {
		return stream, err
	}
	if _, err := s.authenticate(c); err != nil {
		s.streams.Release(stream)
		return stream, err
	}
	return stream, nil
}

// attachStream runs after fasthttp has released the connection, where fasthttp does not
// recover panics.
func (s *Server) attachStream(conn net.Conn, head []byte, stream chat.Stream) {
	attached := false
	defer func() {
		if r := recover(); r != nil {
			s.logger.Error("panic while attaching a stream", "panic", r)
		}
		if !attached {
			conn.Close()
			s.streams.Release(stream)
		}
	}()

	if _, err := conn.Write(head); err != nil {
		return
	}

	attached = true
	s.streams.Attach(rawConn(conn), stream)
}

// streamHead returns the head of the answer and the first field of the stream. The end
// of the connection ends the body, which has neither a length nor chunks.
func streamHead(c *fiber.Ctx) []byte {
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Accel-Buffering: no\r\nConnection: close\r\n")
	for k, v := range c.Response().Header.All() {
		switch string(k) {
		case fiber.HeaderContentType, fiber.HeaderContentLength, fiber.HeaderConnection:
		default:
			fmt.Fprintf(&b, "%s: %s\r\n", k, v)
		}
	}

	b.WriteString("\r\n")

	delay := minReconnectDelay + rand.N(maxReconnectDelay-minReconnectDelay) // #nosec G404 -- a delay, no secret
	b.Write(frame.Retry(delay))
	return b.Bytes()
}

func (s *Server) rejectHead(*fiber.Ctx, viewer) error { return fiber.ErrMethodNotAllowed }
