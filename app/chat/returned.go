package chat

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Returned is a message that was acknowledged and then could not be stored because
// of its content. Only its sender sees it, until they dismiss it or a retry stores
// it.
type Returned struct {
	Message Message `json:"message"`
	Reason  string  `json:"reason"` // a sentence for its sender
}

// ReturnedStore keeps returned messages.
type ReturnedStore interface {
	// Return keeps a message with the reason, and returns the audience of its
	// conversation. A repeated call changes nothing: a dismissed message stays
	// dismissed, unless this record is a later one. It keeps nothing for a sender who
	// is not a member or was deleted. An error other than Unavailable is permanent for
	// this message.
	Return(ctx context.Context, r Returned) (audience Audience, err error)
	// Returned returns a person's returned messages in a conversation, in log order,
	// without those that were stored since.
	Returned(ctx context.Context, person, conversation uuid.UUID) ([]Returned, error)
	// ReturnedIn returns the conversations where Returned is not empty.
	ReturnedIn(ctx context.Context, person uuid.UUID, conversations []uuid.UUID) (map[uuid.UUID]bool, error)
	// FilterReturned returns which of the messages were returned to their senders.
	FilterReturned(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]bool, error)
	// DismissReturned deletes the text. A repeated call is no error. NotFound: no
	// message with that id was returned to this person.
	DismissReturned(ctx context.Context, person, id uuid.UUID) (conversation uuid.UUID, err error)
	// StoredAfterAll deletes returned messages that were stored since.
	StoredAfterAll(ctx context.Context, ids []uuid.UUID) error
}

// Causes, beside ErrContent, that the sender can remove.
var (
	ErrCharacters = errors.New("characters that can't be stored") // such as NUL
	ErrTooLong    = errors.New("too long to be stored")           // for a column or an index
)

// ErrNotMember is the cause, beside ErrContent, of a message whose sender is no member of its
// conversation. No replica accepts such a message, so somebody else wrote it into the log, and
// it is returned to nobody.
var ErrNotMember = errors.New("the sender is no member of the conversation")

// Reasons for the sender.
const (
	reasonCharacters = "It has characters that can’t be kept."
	reasonTooLong    = "It is too long to be kept."
	reasonRefused    = "The database would not take it as it is."
)

func reasonFor(cause error) string {
	switch {
	case errors.Is(cause, ErrCharacters):
		return reasonCharacters
	case errors.Is(cause, ErrTooLong):
		return reasonTooLong
	}
	return reasonRefused
}

// ReturnMessage returns a message that can't be stored to its sender. The log's
// writer calls it after it has dead-lettered the record. The message is kept, then
// removed from the tail, then both sides' pages are notified, so that they read the
// new state. An Unavailable error can be retried without harm. When the store
// rejects the return too, only the dead letter and the log have the message.
func (s *Messages) ReturnMessage(ctx context.Context, m Message, cause error) error {
	if errors.Is(cause, ErrNotMember) {
		return nil
	}
	r := Returned{Message: m, Reason: reasonFor(cause)}
	r.Message.Body = storable(m.Body)
	audience, err := s.store.Return(ctx, r)
	if KindOf(err) == KindUnavailable {
		return err
	}

	if err != nil {
		s.logger.ErrorContext(ctx, "message not returned to its sender: only the dead letter has it",
			"message", m.ID, "error", err)
	}

	if m.LogOffset != nil {
		removed := StoredConversation{ConversationID: m.ConversationID, Offsets: []int64{*m.LogOffset}}
		s.bus.Stored(ctx, []StoredConversation{removed})
	}

	s.bus.Publish(ctx, ReturnedEvent(r), ToPeople(m.Sender.ID))
	s.bus.Publish(ctx, ResyncEvent{ConversationID: &m.ConversationID}, audience)
	return nil
}

// StoredAfterAll records that returned messages were stored by a retry. If it
// fails, they are still not shown as returned.
func (s *Messages) StoredAfterAll(ctx context.Context, ids []uuid.UUID) {
	if err := s.store.StoredAfterAll(ctx, ids); err != nil {
		s.logger.WarnContext(ctx, "stored messages are still kept as returned", "error", err)
	}
}

// DismissReturned deletes a returned message of the viewer's, on all of their pages.
func (s *Messages) DismissReturned(
	ctx context.Context, viewer Person, id uuid.UUID,
) (conversation uuid.UUID, err error) {
	conversation, err = s.store.DismissReturned(ctx, viewer.ID, id)
	if err == nil {
		s.bus.Publish(ctx, ResyncEvent{ConversationID: &conversation}, ToPeople(viewer.ID))
	}
	return conversation, err
}

// returned returns the viewer's returned messages, or nil when they can't be read.
// An empty list is not nil.
func (s *Messages) returned(ctx context.Context, viewer, conversation uuid.UUID) []Returned {
	list, err := s.store.Returned(ctx, viewer, conversation)
	if err != nil {
		s.logger.WarnContext(ctx, "returned messages omitted", "error", err)
		return nil
	}

	if list == nil {
		list = []Returned{}
	}

	return list
}

// addReturned marks the conversations with a returned message of the viewer's.
// Without the store it marks none.
func (s *Messages) addReturned(ctx context.Context, viewer uuid.UUID, list []Conversation) {
	in, err := s.store.ReturnedIn(ctx, viewer, conversationIDs(list))
	if err != nil {
		s.logger.WarnContext(ctx, "returned messages omitted from a list", "error", err)
		return
	}
	for i := range list {
		list[i].Returned = in[list[i].ID]
	}
}

// storable replaces the bytes that Postgres can't store.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, string(utf8.RuneError)), "\x00", string(utf8.RuneError))
}
