package chat

import (
	"context"

	"github.com/google/uuid"

	"parley/app/limit"
)

// typingRate is a little more than the pages' interval of 3 s, because requests
// don't arrive evenly.
var typingRate = limit.Rate{Burst: 1, PerSecond: 0.4}

// typist is one person in one conversation.
type typist struct{ person, conversation uuid.UUID }

// Typing notifies the other members that the viewer is typing, if both sides share
// it. Nothing is stored, and calls above the rate are dropped without an error.
// NotFound: the viewer is not a member.
func (s *Messages) Typing(ctx context.Context, viewer Person, conversation uuid.UUID) error {
	membership, err := s.access.member(ctx, viewer.ID, conversation)
	if err != nil {
		return err
	}

	if !membership.Writable || s.typing.Take(ctx, typist{viewer.ID, conversation}) != nil {
		return nil
	}

	others := s.mayKnow(ctx, membership, typing)
	if len(others) == 0 {
		return nil
	}

	s.bus.Publish(ctx, TypingEvent{ConversationID: conversation, Person: viewer.ID}, ToPeople(others...))
	return nil
}
