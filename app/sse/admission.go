package sse

import (
	"time"

	"parley/app/chat"
)

// Reserve admits a stream, which then must be attached or released. The error is of kind
// TooFast when a limit is reached, and of kind Unavailable while the hub is draining.
func (h *Hub) Reserve(s chat.Stream) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.people[s.Person]
	switch {
	case h.draining:
		return &chat.Error{
			Kind:       chat.KindUnavailable,
			RetryAfter: time.Second,
			Detail:     "This replica is stopping; another one answers.",
		}
	case h.limits.PerUser > 0 && r != nil && r.reserved >= h.limits.PerUser:
		return tooMany("Parley is open in too many windows. Close one of them.")
	case h.limits.PerAddress > 0 && h.addresses[s.Address] >= h.limits.PerAddress:
		return tooMany("Too many windows are open at your address.")
	}

	if r == nil {
		r = &recipient{}
		h.people[s.Person] = r
	}

	r.reserved++
	h.addresses[s.Address]++
	return nil
}

func tooMany(detail string) error {
	return &chat.Error{Kind: chat.KindTooFast, RetryAfter: 10 * time.Second, Detail: detail}
}

// Release undoes a Reserve whose stream was not attached.
func (h *Hub) Release(s chat.Stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.release(s)
}

func (h *Hub) release(s chat.Stream) {
	if h.addresses[s.Address]--; h.addresses[s.Address] <= 0 {
		delete(h.addresses, s.Address)
	}
	r := h.people[s.Person]
	if r.reserved--; r.reserved == 0 {
		delete(h.people, s.Person)
	}
}
