package sse

import (
	"net"

	"github.com/google/uuid"
)

// BeatAll sends the heartbeat that is due to each stream.
func (h *Hub) BeatAll() {
	for _, s := range h.streamsOf(uuid.Nil) {
		s.heartbeat()
	}
}

// Conns returns the hub's end of a person's connections.
func (h *Hub) Conns(person uuid.UUID) (conns []net.Conn) {
	for _, s := range h.streamsOf(person) {
		conns = append(conns, s.conn)
	}
	return conns
}

// LongestQueue returns the most bytes that wait in one of a person's streams.
func (h *Hub) LongestQueue(person uuid.UUID) (longest int) {
	for _, s := range h.streamsOf(person) {
		s.mu.Lock()
		longest = max(longest, s.bytes)
		s.mu.Unlock()
	}
	return longest
}
