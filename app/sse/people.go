package sse

import "github.com/google/uuid"

// People names those who have streams here.
func (h *Hub) People() []uuid.UUID {
	h.mu.Lock()
	defer h.mu.Unlock()
	people := make([]uuid.UUID, 0, len(h.users))
	for id, l := range h.users {
		if len(l.streams) > 0 {
			people = append(people, id)
		}
	}
	return people
}
