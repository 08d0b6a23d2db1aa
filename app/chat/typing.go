package chat

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"parley/app/limit"
)

// typingLimit is a little more than pages ask for (once in 3 s), since posts don't arrive evenly.
var typingLimit = limit.Rate{Burst: 1, PerSecond: 0.4}

// writing is one person in one conversation.
type writing struct{ person, conversation uuid.UUID }

// Typing tells the others in a conversation that the viewer is writing, if both sides show it. Nothing is kept, and what comes too often is
// dropped without a word. NotFound unless the viewer is a member.
func (s *Service) Typing(ctx context.Context, viewer Person, conversation uuid.UUID) error {
	membership, err := s.member(ctx, viewer.ID, conversation)
	if err != nil {
		return err
	}
	shows := slices.ContainsFunc(membership.Members, func(p MemberSettings) bool { return p.ID == viewer.ID && p.ShareTyping })
	if !shows || !membership.Writable || s.limits.typing.Take(ctx, writing{viewer.ID, conversation}) != nil {
		return nil
	}
	var others []uuid.UUID
	for _, p := range membership.Members {
		if p.ID != viewer.ID && p.ShareTyping {
			others = append(others, p.ID)
		}
	}
	s.bus.Publish(ctx, TypingEvent{ConversationID: conversation, Person: viewer.ID}, others)
	return nil
}
