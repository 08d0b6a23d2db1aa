package status

import (
	"time"

	"github.com/google/uuid"
)

// MessageLocation is where a stored message is, without what it says: for operators.
type MessageLocation struct {
	ConversationID uuid.UUID
	SenderID       uuid.UUID
	Seq            int64
	LogOffset      *int64 // nil: it never was in the log
	SentAt         time.Time
	Marks          []Mark // of the other members
}

// Mark is how far a member has come. When it moved isn't kept.
type Mark struct {
	Person    uuid.UUID
	Delivered *int64 // everything to this seq; nil: hidden by its person
	Read      *int64
}
