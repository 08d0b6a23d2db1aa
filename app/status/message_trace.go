package status

import (
	"time"

	"github.com/google/uuid"
)

// MessageTrace is a message's way, as far as it is known. It never holds the text. Replicas' notes are kept for an hour (chat.TraceRetention), and not of
// every message when very many are sent.
type MessageTrace struct {
	ID           uuid.UUID
	Conversation uuid.UUID // the nil id: not known
	Sender       uuid.UUID
	SentAt       time.Time // when the first replica took it; zero: not known
	TraceID      string    // of OpenTelemetry: its post's, or else what follows from the message's; whether anybody has kept that trace isn't known here

	Noted      bool      // the replicas' notes of it are there
	AcceptedBy string    // host:port of a replica, "" when not known
	AcceptedAt time.Time // when the log or the store had it; zero: not known

	InLog     bool // its record was found in the log
	Partition int32
	Offset    *int64    // nil: it never was in the log, or isn't known to be
	LoggedAt  time.Time // the record's own time

	PublishedAt time.Time  // zero: not known, or not published
	Deliveries  []Delivery // by replica; only those that had streams of its members

	Stored   bool
	Seq      int64
	StoredAt time.Time // zero: not known
	StoredBy string

	Marks   []Mark   // its conversation's members, but the sender
	Unknown []string // in words: what could not be asked
}
