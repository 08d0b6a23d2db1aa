package client

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Names of the events that have a type here. Streams carry others, too.
const (
	EventReady   = "ready"   // the first: nothing is missed from here on
	EventMessage = "message" // MessageEvent
	EventStored  = "stored"  // StoredEvent
	EventMode    = "mode"    // ModeEvent
	EventResync  = "resync"  // ResyncEvent
)

// Event is one event of a stream.
type Event struct {
	Name string
	Data []byte // JSON; valid until the next event
}

type (
	// MessageEvent carries a message that is durable.
	MessageEvent struct {
		Message Message `json:"message"`
	}
	// StoredEvent gives a gapless run of numbers to messages.
	StoredEvent struct {
		ConversationID uuid.UUID  `json:"conversation_id"`
		From           int64      `json:"from"`
		To             int64      `json:"to"`
		Messages       []StoredID `json:"messages"`
	}
	// StoredID is the number of one message.
	StoredID struct {
		ID  uuid.UUID `json:"id"`
		Seq int64     `json:"seq"`
	}
	// ModeEvent names the dependencies that are down: "redis", "kafka", "postgres".
	ModeEvent struct {
		Down []string `json:"down"`
	}
	// ResyncEvent says that something may have been missed, in one conversation or (nil) in any.
	ResyncEvent struct {
		ConversationID *uuid.UUID `json:"conversation_id"`
	}
)

// maxLine bounds a line of a stream, in bytes: a message of the greatest length
// needs about 100 KB.
const maxLine = 1 << 20

// Stream is a person's open event stream. It belongs to one goroutine.
type Stream struct {
	// Retry is the wait before the next connection, as the server last gave it; one second
	// before that.
	Retry time.Duration

	body    io.Closer
	lines   *bufio.Scanner
	inspect func(where string, body []byte)
}

// OpenStream opens the person's event stream in JSON. It lasts until ctx ends,
// Close, or the server's end. A status other than 200 is an *Error.
func (c *Client) OpenStream(ctx context.Context) (*Stream, error) {
	ctx, cancel := context.WithCancel(ctx)
	if c.options.Timeout > 0 {
		defer time.AfterFunc(c.options.Timeout, cancel).Stop()
	}

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Base+"/events?format=json", nil)
	if err != nil {
		cancel()
		return nil, err
	}

	req.Header.Set("Accept", "application/json, text/event-stream")

	res, err := c.http.Do(req)
	if err != nil {
		cancel()
		return nil, err
	}

	s := NewStream(res.Body)

	s.body, s.inspect = closer{res.Body, cancel}, c.options.Inspect
	if res.StatusCode != http.StatusOK {
		defer s.Close()
		body, _ := io.ReadAll(io.LimitReader(res.Body, maxLine)) // only the problem's text is lost
		return nil, newError(res, body)
	}

	return s, nil
}

// NewStream reads events from a connection that somebody else opened and
// closes. The head of an HTTP response before the first event is skipped.
func NewStream(r io.Reader) *Stream {
	s := &Stream{Retry: time.Second, body: io.NopCloser(nil), lines: bufio.NewScanner(r)}
	s.lines.Buffer(nil, maxLine)
	return s
}

// Close ends the stream.
func (s *Stream) Close() error { return s.body.Close() }

// Err returns the error that ended Events; nil if the server ended the stream.
func (s *Stream) Err() error { return s.lines.Err() }

// Events yields every event until the stream ends.
func (s *Stream) Events() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		var e Event

		for s.lines.Scan() {
			line := s.lines.Bytes()

			field, value, _ := bytes.Cut(line, []byte(": "))
			switch {
			case len(line) == 0 && e.Name != "":
				if s.inspect != nil {
					s.inspect("a stream's "+e.Name, e.Data)
				}

				if !yield(e) {
					return
				}

				e = Event{}
			case string(field) == "event":
				e.Name = string(value)
			case string(field) == "data":
				e.Data = append(e.Data, value...)
			case string(field) == "retry":
				if ms, err := strconv.Atoi(strings.TrimSpace(string(value))); err == nil {
					s.Retry = time.Duration(ms) * time.Millisecond
				}
			}
		}
	}
}

// closer closes a response's body and ends its request.
type closer struct {
	body   io.Closer
	cancel context.CancelFunc
}

func (c closer) Close() error {
	c.cancel()
	return c.body.Close()
}
