package chattest

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// arranged is how a member has arranged a conversation. Its zero value is that of a new one.
type arranged struct {
	unread     int64 // marked as unread from this seq on; 0: not marked
	pinned     time.Time
	archived   *int64 // the last seq when it was archived
	level      string // "": all
	mutedUntil time.Time
}

// arrange changes a member's arrangement of a conversation.
func (s *Store) arrange(person, id uuid.UUID, change func(t *storedConversation, a *arranged) error) (bool, error) {
	unlock, err := s.lock()
	if err != nil {
		return false, err
	}
	defer unlock()

	t := s.find(id)
	if t == nil || !t.has(person) {
		return false, nil
	}

	before := t.arranged[person]
	after := before
	if err := change(t, &after); err != nil {
		return false, err
	}
	t.arranged[person] = after
	return after != before, nil
}

// Pin implements chat.Store.
func (s *Store) Pin(_ context.Context, person, conversation uuid.UUID, on bool) (bool, error) {
	return s.arrange(person, conversation, func(_ *storedConversation, a *arranged) error {
		switch {
		case !on:
			a.pinned = time.Time{}
		case s.pinnedBesides(person, conversation) >= chat.MaxPins:
			return chat.ErrTooManyPins()
		case a.pinned.IsZero():
			a.pinned, a.archived = time.Now(), nil
		}
		return nil
	})
}

func (s *Store) pinnedBesides(person, conversation uuid.UUID) (n int) {
	for _, t := range s.conversations {
		if t.id != conversation && !t.arranged[person].pinned.IsZero() {
			n++
		}
	}
	return n
}

// Archive implements chat.Store.
func (s *Store) Archive(_ context.Context, person, conversation uuid.UUID, on bool) (bool, error) {
	return s.arrange(person, conversation, func(t *storedConversation, a *arranged) error {
		a.archived = nil
		if on {
			last := int64(len(t.messages))
			a.archived, a.pinned = &last, time.Time{}
		}
		return nil
	})
}

// ChangeNotifications implements chat.Store.
func (s *Store) ChangeNotifications(_ context.Context, person, conversation uuid.UUID, change chat.NotifyChange) (bool, error) {
	return s.arrange(person, conversation, func(_ *storedConversation, a *arranged) error {
		if change.Level != nil {
			a.level = *change.Level
		}
		if change.MutedUntil != nil {
			a.mutedUntil = *change.MutedUntil
		}
		return nil
	})
}

// MarkUnread implements chat.Store.
func (s *Store) MarkUnread(_ context.Context, person, conversation uuid.UUID, seq int64) (bool, error) {
	return s.arrange(person, conversation, func(t *storedConversation, a *arranged) error {
		if n := int64(len(t.messages)); n > 0 {
			a.unread = min(seq, n)
		}
		return nil
	})
}

// arrangementOf returns the arrangement of a member as their pages show it.
func (t *storedConversation) arrangementOf(person uuid.UUID) chat.Arrangement {
	a := t.arranged[person]
	view := chat.Arrangement{
		Pinned:       !a.pinned.IsZero(),
		MarkedUnread: a.unread > 0,
		Notify:       cmp.Or(a.level, chat.NotifyAll),
		Muted:        a.level == chat.NotifyNone || time.Now().Before(a.mutedUntil),
	}
	view.Archived = a.archived != nil && (view.Muted || int64(len(t.messages)) <= *a.archived)
	if !a.mutedUntil.IsZero() {
		until := chat.At(a.mutedUntil)
		view.MutedUntil = &until
	}
	if a.unread > 0 {
		view.UnreadSeq = &a.unread
	}
	return view
}

// markedUnread counts the messages of others that a member has marked as unread.
func (t *storedConversation) markedUnread(person uuid.UUID, from int64) (n int64) {
	for _, m := range t.messages[from-1:] {
		if m.Sender.ID != person {
			n++
		}
	}
	return max(1, n)
}
