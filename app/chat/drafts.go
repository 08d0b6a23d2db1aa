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

// DraftStore keeps drafts: at most one of a person in a conversation, the one that
// was saved last.
type DraftStore interface {
	// SaveDraft keeps a draft. An empty one deletes the kept draft. Spent: the message of
	// the draft was sent, as SentDraft or one of the conversation's last 100 messages says.
	SaveDraft(ctx context.Context, person, conversation uuid.UUID, d Draft) error
	// SentDraft records that the message with this client id was sent: its draft is
	// deleted, and a later SaveDraft of it is rejected.
	SentDraft(ctx context.Context, person, conversation, clientID uuid.UUID) error
	// Drafts returns a person's drafts in these conversations.
	Drafts(ctx context.Context, person uuid.UUID, conversations []uuid.UUID) (map[uuid.UUID]Draft, error)
}

// Draft is the text of an unsent message. It keeps its client id on every page, so
// that the same text sent from two pages is one message.
type Draft struct {
	ClientID uuid.UUID `json:"client_id"`
	Body     string    `json:"body"`

	// SavedAt is when the store saved it. SaveDraft ignores it.
	SavedAt time.Time `json:"-"`
}

// NewDraft is a draft as a page saves it. An empty ClientID gets a new one.
type NewDraft struct {
	ClientID string
	Body     string
}

// draftRate suits pages, which save one second after the typing stops.
var draftRate = limit.Rate{Burst: 20, PerSecond: 2}

// Limits of deleting the drafts of sent messages in the background.
const (
	maxDraftDeletions    = 64
	draftDeletionTimeout = 2 * time.Second
)

// SaveDraft keeps the viewer's draft. An empty body deletes it. Errors: Invalid
// (fields body, client_id), NotFound, ReadOnly, TooFast, Unavailable, Spent (a message
// with this client id and another text was sent: the page must choose another id).
func (s *Messages) SaveDraft(ctx context.Context, viewer Person, conversation uuid.UUID, in NewDraft) error {
	d, err := parseDraft(in)
	if err != nil {
		return err
	}

	membership, err := s.access.member(ctx, viewer.ID, conversation)
	if err != nil {
		return err
	}

	if !membership.Writable {
		return errReadOnly(membership)
	}

	if err := s.drafts.Take(ctx, viewer.ID); err != nil {
		return tooFast(err)
	}

	err = s.store.SaveDraft(ctx, viewer.ID, conversation, d)
	if KindOf(err) == KindSpent && s.wasSent(ctx, viewer.ID, conversation, d) {
		return nil
	}

	return err
}

// wasSent reports whether a draft is exactly a message that is known to be sent.
func (s *Messages) wasSent(ctx context.Context, viewer, conversation uuid.UUID, d Draft) bool {
	body, err := NormalizeBody(d.Body)
	if err != nil {
		return false
	}

	id := MessageID(viewer, conversation, d.ClientID, body)
	if s.recent.Contains(id) {
		return true
	}

	known, err := s.store.Known(ctx, conversation, []uuid.UUID{id})
	return err == nil && known[id]
}

func parseDraft(in NewDraft) (d Draft, err error) {
	d = Draft{ClientID: NewID(), Body: normalizeLineEnds(in.Body)}
	if in.ClientID != "" {
		if d.ClientID, err = ParseClientID(in.ClientID); err != nil {
			return d, err
		}
	}

	if !utf8.ValidString(d.Body) || strings.ContainsRune(d.Body, 0) {
		return d, Invalid("body", "This text has characters that can’t be kept.")
	}

	if n := len(d.Body); n > MaxBodyBytes {
		return d, Invalid("body", fmt.Sprintf("Too long to keep as a draft: %d bytes too many.", n-MaxBodyBytes))
	}

	return d, nil
}

// deleteSentDraft deletes the draft of a sent message in the background, because a
// store that is down must not delay a send. If it fails, the draft is still not
// shown, because its client id is that of a message (unsent).
func (s *Messages) deleteSentDraft(ctx context.Context, m Message) {
	if !s.deletions.TryAcquire() {
		return
	}

	go func() {
		defer s.deletions.Release()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), draftDeletionTimeout)
		defer cancel()
		if err := s.store.SentDraft(ctx, m.Sender.ID, m.ConversationID, m.ClientID); err != nil {
			s.logger.WarnContext(ctx, "draft of a sent message not deleted", "conversation", m.ConversationID, "error", err)
		}
	}()
}

// addDrafts adds the viewer's drafts to the conversations. Without the store it adds
// none.
func (s *Messages) addDrafts(ctx context.Context, viewer uuid.UUID, list []Conversation) {
	drafts, err := s.store.Drafts(ctx, viewer, conversationIDs(list))
	if err != nil {
		s.logger.WarnContext(ctx, "drafts omitted", "error", err)
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

// unsent returns the draft, or the zero Draft when it is one of the messages.
func unsent(d Draft, by uuid.UUID, messages []Message) Draft {
	for _, m := range messages {
		if m.Sender.ID == by && m.ClientID == d.ClientID {
			return Draft{}
		}
	}
	return d
}
