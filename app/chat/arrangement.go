package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// MaxPins is how many conversations a person may pin.
const MaxPins = 20

// Levels of a conversation's notifications.
const (
	NotifyAll  = "all"
	NotifyNone = "none"
)

// Forever is the end of a mute that the person ends by hand.
var Forever = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// ArrangementStore keeps how each member has arranged their conversations. Its methods
// report whether something may have changed. They change nothing for somebody who is no
// member.
type ArrangementStore interface {
	// Pin pins a conversation above the others, and takes it out of the archive, or unpins
	// it. Conflict: MaxPins others are pinned.
	Pin(ctx context.Context, person, conversation uuid.UUID, on bool) (changed bool, err error)
	// Archive moves a conversation to the archive, and unpins it, or moves it back. It
	// leaves the archive by itself with its next message, unless it is muted.
	Archive(ctx context.Context, person, conversation uuid.UUID, on bool) (changed bool, err error)
	// ChangeNotifications changes the notifications of a conversation.
	ChangeNotifications(ctx context.Context, person, conversation uuid.UUID, change NotifyChange) (changed bool, err error)
	// MarkUnread marks a conversation as unread from a seq on, at most from its last
	// message, until MarkRead reaches it. No read mark moves. It changes nothing in an
	// empty conversation.
	MarkUnread(ctx context.Context, person, conversation uuid.UUID, seq int64) (changed bool, err error)
}

// Arrangement is how a member has arranged a conversation in their own list. Nobody else
// sees it.
type Arrangement struct {
	Pinned       bool       `json:"pinned"`
	Archived     bool       `json:"archived"`
	MarkedUnread bool       `json:"marked_unread"`
	Notify       string     `json:"notify"`      // NotifyAll or NotifyNone
	MutedUntil   *Timestamp `json:"muted_until"` // null: not muted; Forever: until it is unmuted

	// Muted says that the conversation counts apart and notifies of nothing, for its level
	// or its mute.
	Muted bool `json:"-"`

	// UnreadSeq is the first message that is marked as unread; nil: none.
	UnreadSeq *int64 `json:"-"`
}

// SeenSeq returns the seq after which messages are new to the viewer: their read mark, or
// the one before the first message that they marked as unread.
func (c Conversation) SeenSeq() int64 {
	if c.UnreadSeq != nil {
		return min(c.ReadSeq, *c.UnreadSeq-1)
	}
	return c.ReadSeq
}

// FirstUnread returns the seq of the first message that counts as unread: the one after
// SeenSeq if the viewer has marked one, or the one after their read mark and their own last
// message. It is above LastSeq when nothing is unread.
func (c Conversation) FirstUnread() int64 {
	if c.UnreadSeq != nil {
		return c.SeenSeq() + 1
	}
	if c.Kind == GroupConversation { // where Unread counts texts only
		if c.Unread == 0 {
			return c.LastSeq + 1
		}
		return c.ReadSeq + 1
	}
	return c.LastSeq - c.Unread + 1
}

// NotifyChange changes the notifications of a conversation. Nil fields stay.
type NotifyChange struct {
	Level      *string    // NotifyAll or NotifyNone
	MutedUntil *time.Time // the zero time: not muted
}

// NewNotifyChange returns the change that a form names: level "all" or "none", mute "off"
// or "always". An empty text changes nothing; one of the two must be given.
func NewNotifyChange(level, mute string) (change NotifyChange, err error) {
	switch level {
	case "":
	case NotifyAll, NotifyNone:
		change.Level = &level
	default:
		return change, Invalid("level", "Choose to be notified of everything or of nothing.")
	}

	switch mute {
	case "":
	case "off":
		change.MutedUntil = &time.Time{}
	case "always":
		change.MutedUntil = &Forever
	default:
		return change, Invalid("mute", "A conversation is muted always, or not at all.")
	}

	if level == "" && mute == "" {
		return change, Invalid("mute", "Choose whether this conversation is muted.")
	}
	return change, nil
}

// Pin pins a conversation in the viewer's list, or unpins it. Conflict: the viewer has
// pinned MaxPins others.
func (s *Messages) Pin(ctx context.Context, viewer Person, id uuid.UUID, on bool) error {
	return s.arrange(ctx, viewer, id, func() (bool, error) { return s.store.Pin(ctx, viewer.ID, id, on) })
}

// Archive moves a conversation to the viewer's archive, or back to the list.
func (s *Messages) Archive(ctx context.Context, viewer Person, id uuid.UUID, on bool) error {
	return s.arrange(ctx, viewer, id, func() (bool, error) { return s.store.Archive(ctx, viewer.ID, id, on) })
}

// ChangeNotifications changes what the viewer is notified of in a conversation.
func (s *Messages) ChangeNotifications(ctx context.Context, viewer Person, id uuid.UUID, change NotifyChange) error {
	return s.arrange(ctx, viewer, id, func() (bool, error) { return s.store.ChangeNotifications(ctx, viewer.ID, id, change) })
}

// MarkUnread marks a conversation as unread from a seq on. The others' view of how far the
// viewer has read stays.
func (s *Messages) MarkUnread(ctx context.Context, viewer Person, id uuid.UUID, seq int64) error {
	if seq < 1 {
		return ErrNoPlace("seq")
	}
	return s.arrange(ctx, viewer, id, func() (bool, error) { return s.store.MarkUnread(ctx, viewer.ID, id, seq) })
}

// arrange applies a change of a member's arrangement and notifies the member's own pages.
func (s *Messages) arrange(ctx context.Context, viewer Person, id uuid.UUID, change func() (bool, error)) error {
	if _, err := s.access.member(ctx, viewer.ID, id); err != nil {
		return err
	}

	changed, err := change()
	if changed {
		s.publishArrangement(ctx, viewer, id)
	}
	return err
}

func (s *Messages) publishArrangement(ctx context.Context, viewer Person, id uuid.UUID) {
	s.bus.Publish(ctx, ConversationEvent{ConversationID: id}, ToPeople(viewer.ID))
}

// ErrTooManyPins is the error of Pin.
func ErrTooManyPins() error {
	return &Error{Kind: KindConflict, Detail: "Twenty conversations are pinned, and that is all there is room for. Unpin one first."}
}
