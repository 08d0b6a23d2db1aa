package sse

import (
	"net"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Conns returns the hub's side of a person's connections.
func (h *Hub) Conns(person uuid.UUID) (conns []net.Conn) {
	for _, s := range h.streamsOf(chat.Channel{Person: person}) {
		conns = append(conns, s.conn)
	}
	return conns
}

// LongestQueue returns the bytes in the longest queue of a person's streams.
func (h *Hub) LongestQueue(person uuid.UUID) (longest int) {
	for _, s := range h.streamsOf(chat.Channel{Person: person}) {
		s.mu.Lock()
		longest = max(longest, s.bytes)
		s.mu.Unlock()
	}
	return longest
}
