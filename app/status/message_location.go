package status

import (
	"time"

	"github.com/google/uuid"
)

// MessageLocation is the conversation, seq and log offset of a stored message, without
// its text.
type MessageLocation struct {
	ConversationID uuid.UUID
	SenderID       uuid.UUID
	Seq            int64
	LogOffset      *int64 // nil: it never was in the log
	SentAt         time.Time
	Marks          []Mark // of the members other than the sender
}

// Mark is the last seq that a member received, and the last that they read. The times
// of marks are not kept. A nil mark is hidden by the member's settings.
type Mark struct {
	Person    uuid.UUID `json:"person"`
	Delivered *int64    `json:"delivered"` // a page of theirs has everything up to this seq
	Read      *int64    `json:"read"`      // they have seen everything up to this seq
}
