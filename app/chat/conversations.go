package chat

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

// ConversationStore keeps conversations and how far people have come in them.
type ConversationStore interface {
	// OpenDirect finds or makes the one conversation of two friends. NotFound: no such person, as far as one
	// may know; NotFriends; Invalid (field person): oneself.
	OpenDirect(ctx context.Context, person, friend uuid.UUID) (id uuid.UUID, created bool, err error)
	// Conversation answers NotFound unless the viewer is a member.
	Conversation(ctx context.Context, viewer, id uuid.UUID) (Conversation, error)
	// Conversations answers Invalid (field page) for a page that it didn't hand out.
	Conversations(ctx context.Context, viewer uuid.UUID, q ConversationQuery) (ConversationPage, error)
	// Counts counts what is new to a person.
	Counts(ctx context.Context, person uuid.UUID) (Counts, error)
	// Membership answers NotFound for a conversation that doesn't exist.
	Membership(ctx context.Context, id uuid.UUID) (Membership, error)
	// Memberships reads several at once, in no order; those that don't exist are left out.
	Memberships(ctx context.Context, ids []uuid.UUID) ([]Membership, error)
	// MarkRead and MarkDelivered move a mark forward, clamped to the last seq; they answer where it is now and whether it moved.
	MarkRead(ctx context.Context, person, conversation uuid.UUID, seq int64) (now int64, moved bool, err error)
	MarkDelivered(ctx context.Context, person, conversation uuid.UUID, seq int64) (now int64, moved bool, err error)
}

// Counts are what is new to a person, in all of their conversations and requests.
type Counts struct {
	Unread   int64 // messages
	Requests int64 // that wait for an answer
}

// Total is the number in a page's title.
func (c Counts) Total() int64 { return c.Unread + c.Requests }

// Counts counts what is new to the viewer.
func (s *Service) Counts(ctx context.Context, viewer Person) (Counts, error) {
	return s.store.Counts(ctx, viewer.ID)
}

// Member is a person in a conversation, with how far they have come in it. Null marks: they chose not to tell.
type Member struct {
	Person
	ReadSeq      *int64 `json:"read_seq"`
	DeliveredSeq *int64 `json:"delivered_seq"`
	// Of the others, where one may write:
	Presence Presence   `json:"presence,omitempty"`
	SeenAt   *time.Time `json:"-"` // to be shown by the day only; nil: not known, or not shown
}

// Conversation is one as a member sees it.
type Conversation struct {
	ID          uuid.UUID `json:"id"`
	Title       string    `json:"title"` // of a direct conversation: the other person's name
	LastSeq     int64     `json:"last_seq"`
	ReadSeq     int64     `json:"read_seq"` // the viewer's own
	Unread      int64     `json:"unread"`   // 0 when the last message is the viewer's own
	LastMessage *Message  `json:"last_message"`
	CreatedAt   Timestamp `json:"created_at"`
	Writable    bool      `json:"writable"`
	Members     []Member  `json:"members"`
	Draft       Draft     `json:"draft,omitzero"`     // the viewer's own
	Returned    bool      `json:"returned,omitempty"` // something of the viewer's couldn't be stored
}

// Peer is the other person of a direct conversation.
func (c Conversation) Peer(viewer uuid.UUID) Member {
	for _, m := range c.Members {
		if m.ID != viewer {
			return m
		}
	}
	return Member{}
}

// MovedAt is when something was last said, or when the conversation was opened.
func (c Conversation) MovedAt() Timestamp {
	if c.LastMessage != nil {
		return c.LastMessage.SentAt
	}
	return c.CreatedAt
}

// Membership is who is in a conversation and may write there: the part that sending needs, cached.
type Membership struct {
	ConversationID uuid.UUID
	Members        []MemberSettings
	Writable       bool
	CreatedAt      Timestamp
}

// MemberSettings is a member with what they let others know.
type MemberSettings struct {
	Person
	ShareRead     bool
	SharePresence bool
	ShareTyping   bool
}

// Same tells whether two say the same.
func (m Membership) Same(other Membership) bool {
	return m.ConversationID == other.ConversationID && m.Writable == other.Writable && m.CreatedAt.Equal(other.CreatedAt.Time) && slices.Equal(m.Members, other.Members)
}

// Has tells whether a person is a member.
func (m Membership) Has(person uuid.UUID) bool {
	return slices.ContainsFunc(m.Members, func(p MemberSettings) bool { return p.ID == person })
}

// IDs lists the members.
func (m Membership) IDs() []uuid.UUID {
	ids := make([]uuid.UUID, len(m.Members))
	for i, p := range m.Members {
		ids[i] = p.ID
	}
	return ids
}

// ConversationQuery asks for a part of the list. Filter matches names and last messages, accents and case ignored; Page is a previous
// answer's Next.
type ConversationQuery struct {
	Filter string
	Page   string
	Limit  int
}

// ConversationPage is a part of the list, newest first by the time of the last message (or of the conversation, when nobody has said anything).
type ConversationPage struct {
	Conversations []Conversation
	Next          string
}

// Conversations lists the viewer's conversations.
func (s *Service) Conversations(ctx context.Context, viewer Person, q ConversationQuery) (ConversationPage, error) {
	if q.Limit <= 0 || q.Limit > 100 {
		q.Limit = 50
	}
	page, err := s.store.Conversations(ctx, viewer.ID, q)
	if err != nil {
		return ConversationPage{}, err
	}
	s.addPresence(ctx, viewer.ID, page.Conversations)
	s.addDrafts(ctx, viewer.ID, page.Conversations)
	s.addReturned(ctx, viewer.ID, page.Conversations)
	return page, nil
}

// OpenDirect opens the conversation with a friend; asked again, it answers the same one and created is false.
func (s *Service) OpenDirect(ctx context.Context, viewer Person, person uuid.UUID) (c Conversation, created bool, err error) {
	id, created, err := s.store.OpenDirect(ctx, viewer.ID, person)
	if err != nil {
		return Conversation{}, false, err
	}
	c, err = s.store.Conversation(ctx, viewer.ID, id)
	return c, created, err
}

// member fetches a conversation through the viewer's membership: what isn't theirs isn't there.
func (s *Service) member(ctx context.Context, viewer, conversation uuid.UUID) (Membership, error) {
	m, err := s.authority.membership(ctx, conversation)
	if err != nil {
		return Membership{}, err
	}
	if !m.Has(viewer) {
		return Membership{}, ErrNotFound()
	}
	return m, nil
}
