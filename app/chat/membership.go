package chat

import (
	"slices"

	"github.com/google/uuid"
)

// Membership is the cached part of a conversation: who its members are and whether
// they may write.
type Membership struct {
	ConversationID uuid.UUID
	Members        []MemberSettings
	Writable       bool
	CreatedAt      Timestamp
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

// mayKnow returns the other members who may see what a person does in the
// conversation. Everything that one person's doing shows to another at once asks it.
// In a closed conversation, one that is not writable, it is nobody: after an end of a
// friendship, a block or a deletion the others see what they saw before.
func (m Membership) mayKnow(person uuid.UUID, what shared) (others []uuid.UUID) {
	i := slices.IndexFunc(m.Members, func(p MemberSettings) bool { return p.ID == person })
	if i < 0 || !m.Writable {
		return nil
	}
	for _, p := range m.Members {
		if p.ID != person && bothShare(p, m.Members[i], what) {
			others = append(others, p.ID)
		}
	}
	return others
}

// Same reports whether both memberships are equal.
func (m Membership) Same(other Membership) bool {
	return m.ConversationID == other.ConversationID &&
		m.Writable == other.Writable &&
		m.CreatedAt.Equal(other.CreatedAt.Time) &&
		slices.Equal(m.Members, other.Members)
}

// Has reports whether a person is a member.
func (m Membership) Has(person uuid.UUID) bool {
	return slices.ContainsFunc(m.Members, func(p MemberSettings) bool { return p.ID == person })
}

// IDs returns the ids of the members.
func (m Membership) IDs() []uuid.UUID {
	ids := make([]uuid.UUID, len(m.Members))
	for i, p := range m.Members {
		ids[i] = p.ID
	}
	return ids
}
