package chat

import (
	"net/netip"

	"github.com/google/uuid"
)

// StreamFormat is what a stream's frames carry.
type StreamFormat uint8

const (
	StreamHTML StreamFormat = iota // fragments for htmx and our script
	StreamJSON                     // JSON data for programs
)

// Stream describes one open event stream: whose it is, and what it counts against.
type Stream struct {
	Person  uuid.UUID
	Session uuid.UUID
	Address netip.Addr
	Format  StreamFormat
}
