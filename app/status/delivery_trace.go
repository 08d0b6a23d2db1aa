package status

import "time"

// TraceRetention is how long replicas' notes of single messages are kept.
const TraceRetention = time.Hour

// Notes are what replicas noted of one message. What isn't there isn't known: notes are of the last hour, and when very many messages are sent, not of
// each.
type DeliveryTrace struct {
	AcceptedBy  string // host:port
	AcceptedAt  time.Time
	Offset      *int64 // in the log; nil: it was stored past it, or isn't known
	PublishedAt time.Time
	Deliveries  []Delivery
	StoredBy    string
	Trace       string // the traceparent that travelled with it; "": it wasn't traced
	StoredAt    time.Time
}

// Delivery is how a message reached a replica's streams.
type Delivery struct {
	Replica string
	Streams int
	At      time.Time // of the first
}
