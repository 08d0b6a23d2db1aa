package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/google/uuid"
)

// Message is a message in an answer or an event.
type Message struct {
	ID             uuid.UUID `json:"id"`
	ConversationID uuid.UUID `json:"conversation_id"`
	Seq            int64     `json:"seq"`        // 0 until it is stored
	LogOffset      *int64    `json:"log_offset"` // nil if it was never in the log
	ClientID       uuid.UUID `json:"client_id"`
	Sender         Person    `json:"sender"`
	Body           string    `json:"body"`
	SentAt         time.Time `json:"sent_at"`
}

// NewMessage is a message to be sent. Sent again with the same ClientID and
// Body it is the same message.
type NewMessage struct {
	Conversation uuid.UUID
	ClientID     uuid.UUID // a UUIDv7
	Body         string
}

// Write returns a new message with a fresh client id.
func Write(conversation uuid.UUID, body string) NewMessage {
	return NewMessage{Conversation: conversation, ClientID: uuid.Must(uuid.NewV7()), Body: body}
}

// Send sends a message once. When it returns no error, the message is durable.
// NotSent reports whether the message certainly was not sent after an error.
func (c *Client) Send(ctx context.Context, m NewMessage) (Message, error) {
	form := url.Values{"body": {m.Body}, "client_id": {m.ClientID.String()}}
	var a struct{ Message Message }

	err := c.Post(ctx, path(m.Conversation)+"/messages", form, &a)
	if err == nil && a.Message.ID == uuid.Nil {
		err = fmt.Errorf("send: the answer to %s names no message", m.ClientID)
	}

	return a.Message, err
}

// SendRetrying sends a message until it is acknowledged or ctx ends, which is
// an error. Attempt n, from 0, goes to the replica replica(n); retryDelay is
// the wait before the next one.
func (c *Client) SendRetrying(
	ctx context.Context, m NewMessage, retryDelay time.Duration, replica func(n int) (base string),
) (Message, error) {
	for n := 0; ; n++ {
		sent, err := c.At(replica(n)).Send(ctx, m)
		if err == nil {
			return sent, nil
		}

		select {
		case <-time.After(retryDelay):
		case <-ctx.Done():
			return Message{}, fmt.Errorf("not acknowledged in %d attempts: %w", n+1, err)
		}
	}
}

// Page is a part of a conversation's history, ascending by Seq.
type Page struct {
	Messages []Message
	// Pending are accepted messages that are not stored yet; nil if they are unknown.
	Pending []Message
	// Complete is false while what is stored can't be read.
	Complete bool
	// Newest is true if no later message was stored when the page was read. Only such a page
	// has Pending.
	Newest bool
}

// UnmarshalJSON distinguishes a page without "pending" (there are newer messages)
// from one where it is null (unknown).
func (p *Page) UnmarshalJSON(b []byte) error {
	type plain Page
	var a struct {
		*plain
		Pending json.RawMessage
	}

	a.plain = (*plain)(p)
	if err := json.Unmarshal(b, &a); err != nil || a.Pending == nil {
		return err
	}

	p.Newest = true
	return json.Unmarshal(a.Pending, &p.Pending)
}

// MaxPage is the most messages that a page has.
const MaxPage = 100

// History reads a page of at most limit messages after a seq; 0 begins with the
// first.
func (c *Client) History(ctx context.Context, conversation uuid.UUID, after int64, limit int) (Page, error) {
	var p Page
	err := c.Get(ctx, fmt.Sprintf("%s?after=%d&limit=%d", path(conversation), after, limit), &p)
	return p, err
}

// HistoryAfter reads all pages after a seq. It fails while what is stored can't
// be read.
func (c *Client) HistoryAfter(
	ctx context.Context, conversation uuid.UUID, after int64,
) (stored, pending []Message, err error) {
	for {
		p, err := c.History(ctx, conversation, after, MaxPage)
		if err == nil && !p.Complete {
			err = fmt.Errorf("history of %s is incomplete", conversation)
		}

		if err != nil {
			return nil, nil, err
		}

		stored = append(stored, p.Messages...)
		if len(p.Messages) < MaxPage {
			return stored, p.Pending, nil
		}

		after = p.Messages[len(p.Messages)-1].Seq
	}
}

func path(conversation uuid.UUID) string { return "/conversations/" + conversation.String() }
