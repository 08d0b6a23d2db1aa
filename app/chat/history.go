package chat

import (
	"context"

	"github.com/google/uuid"
)

// Range selects a page of messages: before or after a seq (exclusive), or around
// one. With none of them it is the newest page.
type Range struct {
	Before *int64
	After  *int64
	At     *int64 // of a permalink: the page around this seq
	Limit  int    // 1 to MaxPage; 0: DefaultPage
}

// Sizes of a page of messages.
const (
	DefaultPage = 50  // messages
	MaxPage     = 100 // messages
)

// Validate fills in the default limit. It returns an Invalid error, which names the
// field, for a range that contradicts itself.
func (r *Range) Validate() error {
	given := 0
	for field, v := range map[string]*int64{"before": r.Before, "after": r.After, "at": r.At} {
		if v == nil {
			continue
		}
		given++
		if *v < 0 {
			return ErrNoPlace(field)
		}
	}

	if given > 1 {
		return Invalid("before", "Ask for the messages before or after a place, not both.")
	}

	if r.Limit == 0 {
		r.Limit = DefaultPage
	}

	if r.Limit < 1 || r.Limit > MaxPage {
		return Invalid("limit", "A page has 1 to 100 messages.")
	}

	return nil
}

// History is a page of a conversation.
type History struct {
	Conversation Conversation
	Messages     []Message // ascending by seq
	Newest       bool      // the page reaches the newest stored message and has Pending

	// Pending are durable messages that are not stored yet, in log order. Nil means
	// unknown; an empty tail is not nil.
	Pending []Message

	// Returned are the viewer's own messages that can't be stored. Nil means unknown,
	// or that the page doesn't reach the newest message.
	Returned []Returned

	// Complete is false when stored messages of the page can't be read now.
	Complete bool
}

// History returns a page: first the tail is read, then which of the tail is stored,
// then the rows. A message that is stored meanwhile is in both and never in neither.
// While the store is down, the page has the tail only and is not complete.
func (s *Messages) History(ctx context.Context, viewer Person, id uuid.UUID, r Range) (History, error) {
	if err := r.Validate(); err != nil {
		return History{}, err
	}

	membership, err := s.access.member(ctx, viewer.ID, id)
	if err != nil {
		return History{}, err
	}

	var pending []Message
	// A page before a seq never reaches the newest message. Who has left may not read what is
	// pending.
	if r.Before == nil && membership.present() {
		pending = s.pending(ctx, id)
	}

	rows, err := s.readRows(ctx, viewer.ID, id, r, pending)
	if err != nil {
		return historyWithoutStore(membership, pending, err)
	}

	h := History{Conversation: rows.conversation, Messages: rows.messages, Newest: rows.newest, Complete: true}
	if r.After == nil { // else only the messages are used
		h.Conversation = s.decorate(ctx, viewer.ID, h, pending)
	}

	if !h.Newest {
		return h, nil
	}

	for _, m := range h.Messages {
		rows.known[m.ID] = true
	}

	if h.Pending, err = s.unstored(ctx, pending, rows.known); err != nil {
		return History{}, err
	}

	h.Returned = s.returned(ctx, viewer.ID, id)
	return h, nil
}

// pending returns the tail, or nil when it can't be read. An empty tail is not nil.
func (s *Messages) pending(ctx context.Context, id uuid.UUID) []Message {
	pending, err := s.bus.Pending(ctx, id)
	if err != nil {
		return nil
	}
	if pending == nil {
		return []Message{}
	}
	return pending
}

type historyRows struct {
	known        map[uuid.UUID]bool // messages of the tail that are stored
	conversation Conversation
	messages     []Message
	newest       bool
}

// readRows must read known first: a message of the tail that is stored after that is
// among the messages.
func (s *Messages) readRows(
	ctx context.Context, viewer, id uuid.UUID, r Range, tail []Message,
) (rows historyRows, err error) {
	// A retried message is in the log twice and can be known before the tail was read.
	rows.known = map[uuid.UUID]bool{}
	if len(tail) > 0 {
		if rows.known, err = s.store.Known(ctx, id, messageIDs(tail)); err != nil {
			return rows, err
		}
	}

	if rows.conversation, err = s.store.Conversation(ctx, viewer, id); err != nil {
		return rows, err
	}

	rows.messages, rows.newest, err = s.store.Messages(ctx, viewer, id, r)
	return rows, err
}

// decorate adds the members' presence and the viewer's draft to the conversation of
// a page.
func (s *Messages) decorate(ctx context.Context, viewer uuid.UUID, h History, pending []Message) Conversation {
	list := []Conversation{h.Conversation}
	s.addPresence(ctx, viewer, list)
	s.addDrafts(ctx, viewer, list)
	c := list[0]
	c.Draft = unsent(c.Draft, viewer, append(h.Messages[:len(h.Messages):len(h.Messages)], pending...))
	return c
}

// unstored removes from a tail the messages that are stored, and those that were
// returned to their sender while the bus was down.
func (s *Messages) unstored(ctx context.Context, tail []Message, stored map[uuid.UUID]bool) ([]Message, error) {
	if len(tail) == 0 {
		return tail, nil
	}

	returned, err := s.store.FilterReturned(ctx, messageIDs(tail))
	if err != nil {
		return nil, err
	}

	pending := make([]Message, 0, len(tail))
	seen := make(map[uuid.UUID]bool, len(tail))
	for _, m := range tail {
		if !stored[m.ID] && !returned[m.ID] && !seen[m.ID] {
			pending = append(pending, m)
		}
		seen[m.ID] = true
	}

	return pending, nil
}

// historyWithoutStore is the page while the store is down: the cached membership and
// the tail. Without a tail, or after another error, it returns the cause.
func historyWithoutStore(m Membership, pending []Message, cause error) (History, error) {
	if KindOf(cause) != KindUnavailable || pending == nil {
		return History{}, cause
	}

	c := Conversation{ID: m.ConversationID, CreatedAt: m.CreatedAt, Writable: m.Writable}
	c.Notify = NotifyAll // unknown
	c.Kind, c.Name, c.Role = m.Kind, m.Name, m.Role
	c.Title = m.Name
	c.Members = []Member{{Person: m.Person.Person}}
	if m.Peer != nil {
		c.Members = append(c.Members, Member{Person: m.Peer.Person})
		c.Title = m.Peer.Name
	}

	return History{Conversation: c, Newest: true, Pending: pending, Messages: []Message{}}, nil
}
