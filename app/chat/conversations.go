package chat

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// ConversationStore keeps conversations and their members' marks.
type ConversationStore interface {
	// OpenDirect returns the one conversation of two friends, which it creates if
	// needed. Errors: NotFound (no such person, as far as the viewer may know),
	// ReadOnly (they are not friends), Invalid (field person: oneself).
	OpenDirect(ctx context.Context, person, friend uuid.UUID) (id uuid.UUID, created bool, err error)
	// Conversation returns NotFound unless the viewer is a member.
	Conversation(ctx context.Context, viewer, id uuid.UUID) (Conversation, error)
	// Conversations returns Invalid (field page) for a cursor that it didn't return.
	Conversations(ctx context.Context, viewer uuid.UUID, q ConversationQuery) (ConversationPage, error)
	// MarkRead and MarkDelivered move a mark forward, at most to the last seq. MarkDelivered
	// returns where the mark is now and whether it moved.
	MarkRead(ctx context.Context, person, conversation uuid.UUID, seq int64) (ReadMark, error)
	MarkDelivered(ctx context.Context, person, conversation uuid.UUID, seq int64) (now int64, moved bool, err error)
}

// ConversationKind is what sort of conversation one is.
type ConversationKind string

// Kinds of conversations.
const (
	DirectConversation ConversationKind = "direct" // between two people
	GroupConversation  ConversationKind = "group"
)

// ReadMark is the result of MarkRead.
type ReadMark struct {
	Seq      int64 // where the mark is now, if Moved or Unmarked
	Moved    bool
	Unmarked bool // the conversation was marked as unread, and is no longer
}

// Member is a member of a conversation and their marks. Null marks are hidden by the
// member's or the viewer's settings.
type Member struct {
	Person
	ReadSeq      *int64 `json:"read_seq"`
	DeliveredSeq *int64 `json:"delivered_seq"`

	// Presence and SeenAt are set for the other members of a writable conversation.
	// SeenAt is shown coarsely; nil means unknown or hidden.
	Presence Presence   `json:"presence,omitempty"`
	SeenAt   *time.Time `json:"-"`
}

// Conversation is a conversation as one of its members sees it.
type Conversation struct {
	ID          uuid.UUID `json:"id"`
	Title       string    `json:"title"` // of a direct conversation: the other person's name; else Name
	LastSeq     int64     `json:"last_seq"`
	ReadSeq     int64     `json:"read_seq"` // the viewer's own
	Unread      int64     `json:"unread"`   // after the read mark and the viewer's own last message, or marked as unread
	LastMessage *Message  `json:"last_message"`
	CreatedAt   Timestamp `json:"created_at"`
	Writable    bool      `json:"writable"`
	Members     []Member  `json:"members"`            // of a group the viewer alone
	Draft       Draft     `json:"draft,omitzero"`     // the viewer's own
	Returned    bool      `json:"returned,omitempty"` // a message of the viewer's was returned

	Kind         ConversationKind `json:"kind"`
	Name         string           `json:"name,omitempty"` // of a group, like all that follows
	About        string           `json:"about,omitempty"`
	Posting      Posting          `json:"posting,omitempty"`
	History      HistoryRule      `json:"history,omitempty"`
	Role         Role             `json:"role,omitempty"`     // the viewer's; "": no longer a member
	MembersCount int              `json:"members_count"`      // 2 in a direct conversation
	FromSeq      int64            `json:"from_seq,omitempty"` // the first message that the viewer may read

	Arrangement // the viewer's own
}

// Peer returns the other person of a direct conversation.
func (c Conversation) Peer(viewer uuid.UUID) Member {
	for _, m := range c.Members {
		if m.ID != viewer {
			return m
		}
	}
	return Member{}
}

// MovedAt returns when the last message was sent, or when the conversation was
// created. Lists are sorted by it.
func (c Conversation) MovedAt() Timestamp {
	if c.LastMessage != nil {
		return c.LastMessage.SentAt
	}
	return c.CreatedAt
}

// ConversationQuery selects a page of the list.
type ConversationQuery struct {
	Filter   string // matches names and last messages, ignoring accents and case, also of archived conversations
	Archived bool   // those of the archive only
	Page     string // cursor: the Next of a previous page
	Limit    int    // 1 to MaxConversations; 0: DefaultPage
}

// MaxConversations is the most conversations of one answer: a list that was scrolled far is
// refreshed as a whole.
const MaxConversations = 500

// ConversationPage is a page of the list: pinned conversations, the one pinned last at the
// top, then the others, newest first by MovedAt.
type ConversationPage struct {
	Conversations []Conversation
	Next          string // cursor of the next page; "": this is the last one
}

// Conversations returns a page of the viewer's conversations.
func (s *Messages) Conversations(ctx context.Context, viewer Person, q ConversationQuery) (ConversationPage, error) {
	if q.Limit <= 0 || q.Limit > MaxConversations {
		q.Limit = DefaultPage
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

// OpenDirect returns the viewer's conversation with a friend. created is false when
// it existed. Errors: those of ConversationStore.OpenDirect.
func (s *Messages) OpenDirect(
	ctx context.Context,
	viewer Person,
	person uuid.UUID,
) (c Conversation, created bool, err error) {
	id, created, err := s.store.OpenDirect(ctx, viewer.ID, person)
	if err != nil {
		return Conversation{}, false, err
	}
	c, err = s.store.Conversation(ctx, viewer.ID, id)
	return c, created, err
}

// addPresence adds the presence of the other members in writable conversations,
// whose members are friends.
func (s *Messages) addPresence(ctx context.Context, viewer uuid.UUID, list []Conversation) {
	var people []uuid.UUID
	others := func(each func(m *Member)) {
		for i := range list {
			for j := range list[i].Members {
				if m := &list[i].Members[j]; list[i].Writable && m.ID != viewer {
					each(m)
				}
			}
		}
	}

	others(func(m *Member) { people = append(people, m.ID) })
	active := s.activities.Activities(ctx, viewer, people)
	others(func(m *Member) { m.Presence, m.SeenAt = active[m.ID].Presence, active[m.ID].SeenAt })
}

func conversationIDs(list []Conversation) []uuid.UUID {
	ids := make([]uuid.UUID, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	return ids
}
