package status

import (
	"time"

	"github.com/google/uuid"
)

// MessageTrace is the known path of one message through the dependencies, without its
// text. Zero times, empty strings and nil pointers are unknown. Its field names are the
// JSON of "parley trace".
type MessageTrace struct {
	ID           uuid.UUID
	Conversation uuid.UUID
	Sender       uuid.UUID
	SentAt       time.Time // when the first replica received it

	// TraceID is the OpenTelemetry trace of the request that sent the message, or the
	// one derived from the message's id. The trace itself may not have been kept.
	TraceID string

	Noted      bool      // the replicas' DeliveryTrace exists
	AcceptedBy string    // host:port of a replica
	AcceptedAt time.Time // when it was durable

	InLog     bool // its record was found in the log
	Partition int32
	Offset    *int64    // nil: it never was in the log, or unknown
	LoggedAt  time.Time // timestamp of the record

	PublishedAt time.Time
	Deliveries  []Delivery // by replica; only those with streams of its members

	Stored   bool
	Seq      int64
	StoredAt time.Time
	StoredBy string // host:port of a replica

	Marks   []Mark   // of the members other than the sender
	Unknown []string // sentences, one for each dependency that did not reply
}
