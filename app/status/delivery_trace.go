package status

import "time"

// TraceRetention is the time for which the delivery trace of a message is kept.
const TraceRetention = time.Hour

// DeliveryTrace is the replicas' record of one message. A zero field is unknown: traces
// expire after TraceRetention, and under high load only some messages are traced.
type DeliveryTrace struct {
	AcceptedBy  string // host:port of a replica
	AcceptedAt  time.Time
	Offset      *int64 // in the log; nil: stored without the log, or unknown
	PublishedAt time.Time
	Deliveries  []Delivery
	StoredBy    string // host:port of a replica
	Trace       string // traceparent that travelled with the message; "": not sampled
	StoredAt    time.Time
}

// Delivery is the fan-out of a message to one replica's streams.
type Delivery struct {
	Replica string    `json:"replica"` // host:port
	Streams int       `json:"streams"`
	At      time.Time `json:"at"` // of the first stream
}
