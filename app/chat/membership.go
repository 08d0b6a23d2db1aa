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
