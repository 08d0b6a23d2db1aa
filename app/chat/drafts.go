package chat

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"parley/app/limit"
)

// DraftStore keeps what was typed and not sent: at most one draft of a person in a conversation, that of whichever page saved last.
type DraftStore interface {
	// SaveDraft keeps a draft; an empty one takes the kept one away. One of a message that was sent (SentDraft) isn't taken any more.
	SaveDraft(ctx context.Context, person, conversation uuid.UUID, d Draft) error
	// SentDraft says that the message with this client id was sent: its draft goes, and one that comes late is refused.
	SentDraft(ctx context.Context, person, conversation, clientID uuid.UUID) error
	// Drafts finds a person's drafts in these conversations.
	Drafts(ctx context.Context, person uuid.UUID, conversations []uuid.UUID) (map[uuid.UUID]Draft, error)
}

// Draft is a message that isn't one yet. Wherever it is opened, it keeps its client id: sent from two pages, the same words are one message.
type Draft struct {
	ClientID uuid.UUID `json:"client_id"`
	Body     string    `json:"body"`
}

// NewDraft is what a page posts. Without a client id it gets one.
type NewDraft struct {
	ClientID string
	Body     string
}

// draftLimit is for pages, which save a second after the typing stops.
var draftLimit = limit.Rate{Burst: 20, PerSecond: 2}

// How many drafts of sent messages may be on their way out at once, and for how long: sending doesn't wait for it.
const (
	sentDrafts       = 64
	sentDraftTimeout = 2 * time.Second
)

// SaveDraft keeps what the viewer has typed; an empty body forgets it. Errors: Invalid (fields body, client_id), NotFound, NotFriends, TooFast,
// Unavailable.
func (s *Service) SaveDraft(ctx context.Context, viewer Person, conversation uuid.UUID, in NewDraft) error {
	d := Draft{ClientID: NewID(), Body: strings.ReplaceAll(in.Body, "\r\n", "\n")}
	if in.ClientID != "" {
		var err error
		if d.ClientID, err = ParseClientID(in.ClientID); err != nil {
			return err
		}
	}
	if !utf8.ValidString(d.Body) || strings.ContainsRune(d.Body, 0) {
		return Invalid("body", "This text has characters that can’t be kept.")
	}
	if n := len(d.Body); n > MaxBodyBytes {
		return Invalid("body", fmt.Sprintf("Too long to keep: %d bytes too many.", n-MaxBodyBytes))
	}
	membership, err := s.member(ctx, viewer.ID, conversation)
	if err != nil {
		return err
	}
	if !membership.Writable {
		return &Error{Kind: KindReadOnly, Detail: "You can read, but not write."}
	}
	if err := s.limits.drafts.Take(ctx, viewer.ID); err != nil {
		return tooFast(err)
	}
	return s.store.SaveDraft(ctx, viewer.ID, conversation, d)
}

// forgetDraft takes away the draft of a message that was sent, behind its sender's back: a store that is away must not slow a send. Should it
// fail, the draft isn't shown all the same, since it is known by its client id (unsent).
func (s *Service) forgetDraft(ctx context.Context, m Message) {
	select {
	case s.forgetting <- struct{}{}:
	default:
		return
	}
	go func() {
		defer func() { <-s.forgetting }()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sentDraftTimeout)
		defer cancel()
		if err := s.store.SentDraft(ctx, m.Sender.ID, m.ConversationID, m.ClientID); err != nil {
			s.logger.WarnContext(ctx, "draft of a sent message not forgotten", "conversation", m.ConversationID, "error", err)
		}
	}()
}

// addDrafts fills in the viewer's drafts. Those that can't be read are left out.
func (s *Service) addDrafts(ctx context.Context, viewer uuid.UUID, list []Conversation) {
	ids := make([]uuid.UUID, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	drafts, err := s.store.Drafts(ctx, viewer, ids)
	if err != nil {
		s.logger.WarnContext(ctx, "drafts left out", "error", err)
		return
	}
	for i := range list {
		c := &list[i]
		c.Draft = drafts[c.ID]
		if c.LastMessage != nil {
			c.Draft = unsent(c.Draft, viewer, []Message{*c.LastMessage})
		}
	}
}

// unsent is the draft, unless it is among the messages.
func unsent(d Draft, by uuid.UUID, messages []Message) Draft {
	for _, m := range messages {
		if m.Sender.ID == by && m.ClientID == d.ClientID {
			return Draft{}
		}
	}
	return d
}
