package chat

import (
	"slices"

	"github.com/google/uuid"
)

// Audience is whose streams an event goes to: those of some people, or those of the members
// of a conversation that has a channel of its own. The zero value is nobody.
type Audience struct {
	People       []uuid.UUID `json:"people,omitempty"`
	Conversation uuid.UUID   `json:"conversation,omitzero"` // uuid.Nil: People are the audience
}

// ToPeople returns the audience of some people.
func ToPeople(people ...uuid.UUID) Audience { return Audience{People: people} }

// ToConversation returns the audience of a conversation with a channel of its own.
func ToConversation(id uuid.UUID) Audience { return Audience{Conversation: id} }

// Empty reports whether it is nobody.
func (a Audience) Empty() bool { return len(a.People) == 0 && a.Conversation == uuid.Nil }

// Same reports whether both are equal. The order of people does not matter.
func (a Audience) Same(other Audience) bool {
	return a.Conversation == other.Conversation && len(a.People) == len(other.People) &&
		!slices.ContainsFunc(a.People, func(id uuid.UUID) bool { return !slices.Contains(other.People, id) })
}

// Channel is where a replica receives events: that of a person, or of a conversation. The zero
// value is the channel of all replicas.
type Channel struct{ Person, Conversation uuid.UUID }

// Channels returns the channels by which an audience is reached.
func (a Audience) Channels() []Channel {
	if a.Conversation != uuid.Nil {
		return []Channel{{Conversation: a.Conversation}}
	}
	channels := make([]Channel, len(a.People))
	for i, id := range a.People {
		channels[i].Person = id
	}
	return channels
}
