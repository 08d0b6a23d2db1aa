package chat

import (
	"context"

	"github.com/google/uuid"
)

// Range asks for a page of messages: before or after a seq (exclusive), around one, or with none of them the newest.
type Range struct {
	Before *int64
	After  *int64
	At     *int64 // a permalink: the page around this seq
	Limit  int    // 1–100
}

// Limits of a page of messages.
const (
	DefaultPage = 50
	MaxPage     = 100
)

// Validate refuses a range that contradicts itself, with an Invalid error naming the field; it fills the default limit in.
func (r *Range) Validate() error {
	given := 0
	for field, v := range map[string]*int64{"before": r.Before, "after": r.After, "at": r.At} {
		if v == nil {
			continue
		}
		given++
		if *v < 0 {
			return Invalid(field, "This is not a place in the conversation.")
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
	Messages     []Message  // ascending by seq
	Newest       bool       // the page reaches the newest stored message; then Pending comes with it
	Pending      []Message  // acknowledged, not stored yet, in log order; nil when unknown, else at least empty
	Returned     []Returned // the viewer's own that can't be stored; nil when unknown, or when the page doesn't reach the newest message
	Complete     bool       // false when stored messages that belong on the page can't be read just now
}

// History reads a page: the tail, then what of the tail is stored, then the rows. What moves from the tail to the rows meanwhile is in both, never in
// neither. With the store away it answers what the tail holds, not complete.
func (s *Service) History(ctx context.Context, viewer Person, id uuid.UUID, r Range) (History, error) {
	if err := r.Validate(); err != nil {
		return History{}, err
	}
	membership, err := s.member(ctx, viewer.ID, id)
	if err != nil {
		return History{}, err
	}
	var pending []Message
	if r.Before == nil { // a page before a place never reaches the newest message
		if pending, err = s.bus.Pending(ctx, id); err != nil {
			pending = nil
		} else if pending == nil {
			pending = []Message{}
		}
	}
	stored, err := s.known(ctx, id, pending)
	if err != nil {
		return s.historyWithoutStore(membership, viewer, pending, err)
	}
	c, err := s.store.Conversation(ctx, viewer.ID, id)
	if err != nil {
		return s.historyWithoutStore(membership, viewer, pending, err)
	}
	messages, newest, err := s.store.Messages(ctx, id, r)
	if err != nil {
		return s.historyWithoutStore(membership, viewer, pending, err)
	}
	if r.After == nil { // else only rows are wanted
		list := []Conversation{c}
		s.addPresence(ctx, viewer.ID, list)
		s.addDrafts(ctx, viewer.ID, list)
		c = list[0]
		c.Draft = unsent(c.Draft, viewer.ID, append(messages[:len(messages):len(messages)], pending...))
	}
	h := History{Conversation: c, Messages: messages, Newest: newest, Complete: true}
	if !newest {
		return h, nil
	}
	for _, m := range messages {
		stored[m.ID] = true
	}
	if h.Pending, err = s.unstored(ctx, pending, stored); err != nil {
		return History{}, err
	}
	h.Returned = s.returned(ctx, viewer.ID, id)
	return h, nil
}

// known tells which messages of a tail are stored: since it was read, or before (a retried message is in the log twice).
func (s *Service) known(ctx context.Context, id uuid.UUID, tail []Message) (map[uuid.UUID]bool, error) {
	if len(tail) == 0 {
		return map[uuid.UUID]bool{}, nil
	}
	return s.store.Known(ctx, id, messageIDs(tail))
}

// unstored drops from a tail what is stored, and what was returned to its sender while the bus was away.
func (s *Service) unstored(ctx context.Context, tail []Message, stored map[uuid.UUID]bool) ([]Message, error) {
	if len(tail) == 0 {
		return tail, nil
	}
	returned, err := s.store.ReturnedAmong(ctx, messageIDs(tail))
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

func (s *Service) historyWithoutStore(m Membership, viewer Person, pending []Message, cause error) (History, error) {
	if KindOf(cause) != KindUnavailable || pending == nil {
		return History{}, cause
	}
	c := Conversation{ID: m.ConversationID, CreatedAt: m.CreatedAt, Writable: m.Writable}
	for _, p := range m.Members {
		c.Members = append(c.Members, Member{Person: p.Person})
	}
	c.Title = c.Peer(viewer.ID).Name
	return History{Conversation: c, Newest: true, Pending: pending, Messages: []Message{}}, nil
}

// MarkRead moves the viewer's read mark forward, at most to the last message, and tells the members when it moved: those who may know.
// The others learn what reading implies, that it has been delivered.
func (s *Service) MarkRead(ctx context.Context, viewer Person, id uuid.UUID, seq int64) error {
	membership, err := s.marking(ctx, viewer, id, seq)
	if err != nil {
		return err
	}
	to := membership.seesReading(viewer.ID)
	if len(to) < len(membership.Members) {
		if err := s.MarkDelivered(ctx, viewer, id, seq); err != nil {
			return err
		}
	}
	now, moved, err := s.store.MarkRead(ctx, viewer.ID, id, seq)
	if moved {
		s.bus.Publish(ctx, ReadEvent{ConversationID: id, Person: viewer.ID, Seq: now}, to)
	}
	return err
}

// MarkDelivered says that one of the viewer's pages is complete to seq.
func (s *Service) MarkDelivered(ctx context.Context, viewer Person, id uuid.UUID, seq int64) error {
	membership, err := s.marking(ctx, viewer, id, seq)
	if err != nil {
		return err
	}
	now, moved, err := s.store.MarkDelivered(ctx, viewer.ID, id, seq)
	if moved {
		s.bus.Publish(ctx, DeliveredEvent{ConversationID: id, Person: viewer.ID, Seq: now}, membership.IDs())
	}
	return err
}

func (s *Service) marking(ctx context.Context, viewer Person, id uuid.UUID, seq int64) (Membership, error) {
	if seq < 0 {
		return Membership{}, Invalid("seq", "This is not a place in the conversation.")
	}
	return s.member(ctx, viewer.ID, id)
}

func messageIDs(messages []Message) []uuid.UUID {
	ids := make([]uuid.UUID, len(messages))
	for i, m := range messages {
		ids[i] = m.ID
	}
	return ids
}
