package chat

import (
	"context"

	"github.com/google/uuid"
)

// Membership is what one person may do in a conversation. It is cached by the two.
type Membership struct {
	ConversationID uuid.UUID
	CreatedAt      Timestamp
	Person         MemberSettings  // whose membership it is
	Peer           *MemberSettings // the other member of a direct conversation, as the person sees them
	Kind           ConversationKind
	Name           string // of a group
	Role           Role   // in a group
	Writable       bool
	FromSeq, ToSeq int64    // the messages that the person may read, both included
	Audience       Audience // of the conversation's events
}

// present reports whether the person is a member now, and not one who has left.
func (m Membership) present() bool { return m.Kind == DirectConversation || m.Role != RoleNone }

// MembershipKey names a membership.
type MembershipKey struct{ Conversation, Person uuid.UUID }

// Key returns the key of the membership.
func (m Membership) Key() MembershipKey { return MembershipKey{m.ConversationID, m.Person.ID} }

// Names returns the ids whose changes make the membership invalid: the conversation and the
// people whose names and settings it has.
func (m Membership) Names() []uuid.UUID {
	names := []uuid.UUID{m.ConversationID, m.Person.ID}
	if m.Peer != nil {
		names = append(names, m.Peer.ID)
	}
	return names
}

// MemberSettings is a member with what they share.
type MemberSettings struct {
	Person
	ShareRead     bool
	SharePresence bool
	ShareTyping   bool
}

// shared is a part of what a person does that they may share.
type shared int

const (
	reading  shared = iota // how far they have read
	presence               // whether a page of theirs is open
	typing                 // that they are typing
)

func (m MemberSettings) shares(what shared) bool {
	switch what {
	case reading:
		return m.ShareRead
	case presence:
		return m.SharePresence
	case typing:
		return m.ShareTyping
	}
	return false
}

// bothShare reports whether one of two people may see something of the other one: a
// person who hides it does not see it of others.
func bothShare(one, other MemberSettings, what shared) bool {
	return one.shares(what) && other.shares(what)
}

// mayKnow returns the other members who may see what the person does in the
// conversation. Everything that one person's doing shows to another at once asks it.
// In a closed conversation, one that is not writable, it is nobody: after an end of a
// friendship, a block or a deletion the others see what they saw before.
func (m Membership) mayKnow(what shared) (others []uuid.UUID) {
	if m.Peer == nil || !m.Writable || !bothShare(m.Person, *m.Peer, what) {
		return nil
	}
	return []uuid.UUID{m.Peer.ID}
}

// mayKnow returns the other members who may see what the person does in the conversation: of a
// group those who share it, up to a size at which it is published at all. Delivery in a group
// is not published.
func (s *Messages) mayKnow(ctx context.Context, m Membership, what shared) []uuid.UUID {
	if m.Kind != GroupConversation {
		return m.mayKnow(what)
	}
	if !m.present() || !m.Person.shares(what) {
		return nil
	}

	name, most := "read", MaxReceipts
	if what == typing {
		name, most = "typing", MaxTyping
	}
	others, err := s.store.MembersWhoShare(ctx, m.ConversationID, m.Person.ID, name, most)
	if err != nil {
		s.logger.WarnContext(ctx, "members of a group not told", "error", err)
	}
	return others
}

// Same reports whether both memberships are equal.
func (m Membership) Same(other Membership) bool {
	return m.Key() == other.Key() &&
		m.Kind == other.Kind && m.Name == other.Name && m.Role == other.Role &&
		m.Writable == other.Writable && m.FromSeq == other.FromSeq && m.ToSeq == other.ToSeq &&
		m.CreatedAt.Equal(other.CreatedAt.Time) &&
		m.Person == other.Person &&
		(m.Peer == nil) == (other.Peer == nil) &&
		(m.Peer == nil || *m.Peer == *other.Peer) &&
		m.Audience.Same(other.Audience)
}
