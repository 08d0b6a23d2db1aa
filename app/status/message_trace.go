package status

import (
	"time"

	"github.com/google/uuid"
)

// MessageTrace is the known path of one message through the dependencies, without its
// text. Zero times, empty strings and nil pointers are unknown. Its JSON is that of
// "parley trace --json".
type MessageTrace struct {
	ID           uuid.UUID `json:"message_id"`
	Conversation uuid.UUID `json:"conversation_id"`
	Sender       uuid.UUID `json:"sender_id"`
	SentAt       time.Time `json:"sent_at"` // when the first replica received it

	// TraceID is the OpenTelemetry trace of the request that sent the message, or the
	// one derived from the message's id. The trace itself may not have been kept.
	TraceID string `json:"trace_id"`

	Noted      bool      `json:"noted"`       // the replicas' DeliveryTrace exists
	AcceptedBy string    `json:"accepted_by"` // host:port of a replica
	AcceptedAt time.Time `json:"accepted_at"` // when it was durable

	InLog     bool      `json:"in_log"` // its record was found in the log
	Partition int32     `json:"partition"`
	Offset    *int64    `json:"offset"`    // nil: it never was in the log, or unknown
	LoggedAt  time.Time `json:"logged_at"` // timestamp of the record

	PublishedAt time.Time  `json:"published_at"`
	Deliveries  []Delivery `json:"deliveries"` // by replica; only those with streams of its members

	Stored   bool      `json:"stored"`
	Seq      int64     `json:"seq"`
	StoredAt time.Time `json:"stored_at"`
	StoredBy string    `json:"stored_by"` // host:port of a replica

	Marks   []Mark   `json:"marks"`   // of the members other than the sender
	Unknown []string `json:"unknown"` // sentences, one for each dependency that did not reply
}
