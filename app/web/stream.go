package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
	"parley/app/sse/frame"
	"parley/views/components"
)

// The delay after which a browser reconnects a lost stream. Browsers add no jitter of
// their own, so that all streams of a replica that ended would reach another one at once.
const (
	minReconnectDelay = 500 * time.Millisecond
	maxReconnectDelay = 2500 * time.Millisecond
)

// signOutFrame sends a page to the sign-in page.
var signOutFrame = frame.Event(string(chat.SignOutEvent{}.Kind()), []byte(`{"location":"/signin"}`))

// openStream admits a stream, then gives the hub the bare connection, with a head of our own: fasthttp's would cost its reader, its
// writer and a goroutine for as long as the stream lives.
func (s *Server) openStream(c *fiber.Ctx) error {
	format := chat.StreamHTML
	if c.Query("format") == "json" {
		format = chat.StreamJSON
	}
	session, err := s.authenticate(c)
	if chat.KindOf(err) == chat.KindSignedOut && format == chat.StreamHTML {
		// An EventSource that got 401 would only try again: it is told to stop.
		c.Set(fiber.HeaderContentType, "text/event-stream")
		return c.Send(signOutFrame)
	}
	if err != nil {
		return err
	}
	stream := chat.Stream{Person: session.Person.ID, Session: session.ID, Address: s.address(c), Format: format}
	if err := s.streams.Reserve(stream); err != nil {
		return err
	}
	head := streamHead(c)
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) { s.attach(conn, head, stream) })
	return nil
}

// attach runs after fasthttp has let go of the connection. fasthttp doesn't recover panics here.
func (s *Server) attach(conn net.Conn, head []byte, stream chat.Stream) {
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
	s.streams.Attach(bare(conn), stream)
}

// streamHead ends with the connection: no length, no chunks. It carries the security headers of every answer.
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
	b.Write(frame.Retry(minReconnectDelay + rand.N(maxReconnectDelay-minReconnectDelay))) // #nosec G404 -- a delay, no secret
	return b.Bytes()
}

func (s *Server) refuseHead(*fiber.Ctx) error { return fiber.ErrMethodNotAllowed }

// Frames renders events for streams (live.Renderer).
type Frames struct{}

// Frame answers an event in a stream's format, or nil when that has none of it. HTML streams carry a message as its row; what our script
// reads is JSON in both.
func (Frames) Frame(format chat.StreamFormat, e chat.Event, own bool) []byte {
	if format == chat.StreamHTML {
		var b bytes.Buffer
		switch e := e.(type) {
		case chat.MessageEvent:
			row := components.MessageRow{Message: e.Message, Mine: own, Live: true}
			if err := components.Message(row).Render(context.Background(), &b); err != nil {
				return nil
			}
			return frame.Event(string(e.Kind()), b.Bytes())
		case chat.ModeEvent:
			if err := components.Banner(e.Down, true).Render(context.Background(), &b); err != nil {
				return nil
			}
			return frame.Event(string(e.Kind()), b.Bytes())
		case chat.RequestEvent:
			if err := components.RequestUpdate(e).Render(context.Background(), &b); err != nil {
				return nil
			}
			return frame.Event(string(e.Kind()), b.Bytes())
		case chat.FriendEvent:
			if err := components.FriendUpdate(e).Render(context.Background(), &b); err != nil {
				return nil
			}
			return frame.Event(string(e.Kind()), b.Bytes())
		case chat.SignOutEvent:
			return signOutFrame
		}
	}
	data, err := json.Marshal(e)
	if err != nil {
		return nil
	}
	return frame.Event(string(e.Kind()), data)
}
