package status

import (
	"time"

	"github.com/google/uuid"
)

// MessageLocation is where a stored message is, without its text.
type MessageLocation struct {
	ConversationID uuid.UUID
	SenderID       uuid.UUID
	Seq            int64
	LogOffset      *int64 // nil: it never was in the log
	SentAt         time.Time
	Marks          []Mark // of the members other than the sender
}

// Mark is how far a member has received and read a conversation. When a mark moved
// is not kept. Nil marks are hidden by the member's settings.
type Mark struct {
	Person    uuid.UUID
	Delivered *int64 // a page of theirs has everything up to this seq
	Read      *int64 // they have seen everything up to this seq
}
