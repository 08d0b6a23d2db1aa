package chat

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Returned is a message that was acknowledged and then couldn't be stored for its content. Only its sender sees it, until they dismiss it or it is
// stored after all.
type Returned struct {
	Message Message `json:"message"`
	Reason  string  `json:"reason"` // a sentence for its sender
}

// ReturnedStore keeps returned messages.
type ReturnedStore interface {
	// Return keeps a message with the reason for its sender, and answers who is in the conversation. Again, it changes nothing: what was dismissed
	// stays so, unless the record is a later one. A sender who isn't a member, or is gone, gets nothing. An error that isn't Unavailable will come
	// again for the same message.
	Return(ctx context.Context, r Returned) (members []uuid.UUID, err error)
	// Returned lists a person's own in a conversation, in log order, without those that were stored since.
	Returned(ctx context.Context, person, conversation uuid.UUID) ([]Returned, error)
	// ReturnedIn tells in which of the conversations Returned would find something.
	ReturnedIn(ctx context.Context, person uuid.UUID, conversations []uuid.UUID) (map[uuid.UUID]bool, error)
	// ReturnedAmong tells which of the messages were returned to their senders.
	ReturnedAmong(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]bool, error)
	// DismissReturned forgets the text; again, it is no error. NotFound: nothing of theirs was returned by that id.
	DismissReturned(ctx context.Context, person, id uuid.UUID) (conversation uuid.UUID, err error)
	// StoredAfterAll removes what was returned and then stored.
	StoredAfterAll(ctx context.Context, ids []uuid.UUID) error
}

// Marks of a refusal (beside ErrContent) that its sender can do something about.
var (
	ErrCharacters = errors.New("characters that can't be stored")
	ErrTooLong    = errors.New("too long to be stored")
)

// Reasons in plain words.
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

// ReturnMessage gives a message that can't be stored back to its sender, for the log's writer, which has buried it already: it is kept, taken from
// the tail, and then both sides' pages are told, so that what they fetch is true. An Unavailable error: try again, it changes nothing twice. When the
// store refuses this too, the dead letter is all that is left, and only the log says so.
func (s *Service) ReturnMessage(ctx context.Context, m Message, cause error) error {
	r := Returned{Message: m, Reason: reasonFor(cause)}
	r.Message.Body = storable(m.Body)
	members, err := s.store.Return(ctx, r)
	if KindOf(err) == KindUnavailable {
		return err
	}
	if err != nil {
		s.logger.ErrorContext(ctx, "a message that can't be stored can't be returned either: only the dead letter has it", "message", m.ID, "error", err)
	}
	if m.LogOffset != nil {
		s.bus.Stored(ctx, []StoredConversation{{ConversationID: m.ConversationID, Offsets: []int64{*m.LogOffset}}})
	}
	others := make([]uuid.UUID, 0, len(members))
	for _, id := range members {
		if id != m.Sender.ID {
			others = append(others, id)
		}
	}
	s.bus.Publish(ctx, ReturnedEvent(r), []uuid.UUID{m.Sender.ID})
	s.bus.Publish(ctx, ResyncEvent{ConversationID: &m.ConversationID}, others)
	return nil
}

// StoredAfterAll says that messages which had been returned are stored now. Should it fail they aren't shown as returned all the same.
func (s *Service) StoredAfterAll(ctx context.Context, ids []uuid.UUID) {
	if err := s.store.StoredAfterAll(ctx, ids); err != nil {
		s.logger.WarnContext(ctx, "messages stored after all are still kept as returned", "error", err)
	}
}

// DismissReturned takes a returned message of the viewer's away, on all of their pages.
func (s *Service) DismissReturned(ctx context.Context, viewer Person, id uuid.UUID) (conversation uuid.UUID, err error) {
	conversation, err = s.store.DismissReturned(ctx, viewer.ID, id)
	if err == nil {
		s.bus.Publish(ctx, ResyncEvent{ConversationID: &conversation}, []uuid.UUID{viewer.ID})
	}
	return conversation, err
}

// returned are the viewer's own returned messages; nil when they can't be read just now, else at least empty.
func (s *Service) returned(ctx context.Context, viewer, conversation uuid.UUID) []Returned {
	list, err := s.store.Returned(ctx, viewer, conversation)
	if err != nil {
		s.logger.WarnContext(ctx, "returned messages left out", "error", err)
		return nil
	}
	if list == nil {
		list = []Returned{}
	}
	return list
}

// addReturned marks the conversations in which something of the viewer's was returned. Where that can't be read, none is marked.
func (s *Service) addReturned(ctx context.Context, viewer uuid.UUID, list []Conversation) {
	ids := make([]uuid.UUID, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	in, err := s.store.ReturnedIn(ctx, viewer, ids)
	if err != nil {
		s.logger.WarnContext(ctx, "returned messages left out of a list", "error", err)
		return
	}
	for i := range list {
		list[i].Returned = in[list[i].ID]
	}
}

// storable is as much of a text as any database keeps.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, string(utf8.RuneError)), "\x00", string(utf8.RuneError))
}
