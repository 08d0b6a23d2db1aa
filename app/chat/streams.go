package chat

import (
	"net/netip"

	"github.com/google/uuid"
)

// StreamFormat is the format of a stream's frames.
type StreamFormat uint8

// Formats of a stream.
const (
	StreamHTML StreamFormat = iota // fragments for htmx, JSON for our scripts
	StreamJSON                     // JSON for other programs
)

// Stream describes an open event stream and what it counts against.
type Stream struct {
	Person  uuid.UUID
	Session uuid.UUID
	Address netip.Addr
	Format  StreamFormat
}
