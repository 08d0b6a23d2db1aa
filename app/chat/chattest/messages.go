package chattest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Messages implements chat.Store.
func (s *Store) Messages(_ context.Context, viewer, id uuid.UUID, r chat.Range) ([]chat.Message, bool, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, false, err
	}
	defer unlock()
	t := s.find(id)
	if t == nil || !t.has(viewer) {
		return []chat.Message{}, true, nil
	}

	first, n := t.readable(viewer)
	first-- // messages before the page
	var all []chat.Message
	for _, m := range t.messages[:n] {
		all = append(all, s.sentIn(t, m))
	}

	from, to := max(first, n-int64(r.Limit)), n
	switch {
	case r.After != nil:
		from = min(n, max(first, *r.After))
		to = min(n, from+int64(r.Limit))
	case r.Before != nil:
		to = max(first, min(n, *r.Before-1))
		from = max(first, to-int64(r.Limit))
		return slices.Clone(all[from:to]), false, nil
	case r.At != nil:
		to = min(n, max(first, *r.At-1)+int64(r.Limit+1)/2)
		from = max(first, to-int64(r.Limit))
	}

	return slices.Clone(all[from:to]), to == n, nil
}

// Known implements chat.Store.
func (s *Store) Known(_ context.Context, id uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	known := map[uuid.UUID]bool{}
	if t := s.find(id); t != nil {
		for _, m := range t.messages {
			known[m.ID] = slices.Contains(ids, m.ID) || known[m.ID]
		}
	}

	return known, nil
}

// StoreDirect implements chat.Store.
func (s *Store) StoreDirect(
	_ context.Context,
	id uuid.UUID,
	messages []chat.Message,
) (chat.StoredConversation, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.StoredConversation{}, err
	}
	defer unlock()
	t := s.find(id)
	if t == nil {
		return chat.StoredConversation{}, fmt.Errorf("%w: no such conversation", chat.ErrContent)
	}

	result := chat.StoredConversation{ConversationID: id, Audience: t.audience()}

	for _, m := range messages {
		if !t.has(m.Sender.ID) {
			return chat.StoredConversation{}, fmt.Errorf("%w: %w", chat.ErrContent, chat.ErrNotMember)
		}
	}
	for _, m := range messages {
		result.Messages = append(result.Messages, chat.StoredID{ID: m.ID, Seq: t.store(m)})
		if m.LogOffset != nil {
			result.Offsets = append(result.Offsets, *m.LogOffset)
		}
	}

	slices.SortFunc(result.Messages, func(a, b chat.StoredID) int { return int(a.Seq - b.Seq) })
	if s.Unsure {
		s.Unsure = false
		return chat.StoredConversation{}, chat.Unavailable(
			"memory",
			fmt.Errorf("%w: the answer was lost", chat.ErrUnknownOutcome),
		)
	}

	return result, nil
}

// store numbers a message, or returns the seq of a known one.
func (t *storedConversation) store(m chat.Message) int64 {
	for _, known := range t.messages {
		if known.ID == m.ID {
			return *known.Seq
		}
	}

	seq := int64(len(t.messages) + 1)
	m.Seq = &seq
	if m.Kind == "" {
		m.Kind = chat.MessageText
	}
	for _, p := range t.members {
		if p.ID == m.Sender.ID {
			m.Sender = p
		}
	}

	t.messages = append(t.messages, m)
	return seq
}

// MarkRead implements chat.Store.
func (s *Store) MarkRead(_ context.Context, person, id uuid.UUID, seq int64) (mark chat.ReadMark, err error) {
	unlock, err := s.lock()
	if err != nil {
		return mark, err
	}
	defer unlock()
	t := s.find(id)
	if t == nil {
		return mark, nil
	}

	_, mark.Moved = forward(t, t.read, person, seq)
	forward(t, t.delivered, person, seq)
	mark.Seq = t.read[person]
	if a := t.arranged[person]; a.unread > 0 && a.unread <= seq {
		a.unread, mark.Unmarked = 0, true
		t.arranged[person] = a
	}
	return mark, nil
}

// MarkDelivered implements chat.Store.
func (s *Store) MarkDelivered(_ context.Context, person, id uuid.UUID, seq int64) (int64, bool, error) {
	unlock, err := s.lock()
	if err != nil {
		return 0, false, err
	}
	defer unlock()
	t := s.find(id)
	if t == nil {
		return 0, false, nil
	}

	now, moved := forward(t, t.delivered, person, seq)
	return now, moved, nil
}

func forward(t *storedConversation, marks map[uuid.UUID]int64, person uuid.UUID, seq int64) (int64, bool) {
	seq = min(seq, int64(len(t.messages)))
	if !t.has(person) || seq <= marks[person] {
		return 0, false
	}
	marks[person] = seq
	return seq, true
}

// Log is chat.Log in memory. Append returns Err if it is set; with Lost it appends
// nevertheless.
type Log struct {
	Err  error
	Lost bool

	mu      sync.Mutex
	records []chat.Message
}

var _ chat.Log = (*Log)(nil)

// ErrSilent is a missing acknowledgement: the record may be in the log.
var ErrSilent = fmt.Errorf("%w: no acknowledgement", chat.ErrUnknownOutcome)

// ErrDown is a log that is unavailable: the record is not in it.
var ErrDown = errors.New("the log is down")

// Append implements chat.Log.
func (l *Log) Append(_ context.Context, m chat.Message) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Err == nil || l.Lost {
		l.records = append(l.records, m)
	}
	return int64(len(l.records) - 1), l.Err
}

// Records returns the appended messages.
func (l *Log) Records() []chat.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.records)
}
