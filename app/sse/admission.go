package sse

import (
	"time"

	"parley/app/chat"
	"parley/app/limit"
)

// Reserve admits a stream, which then must be attached or released. The error is of kind
// TooFast when a limit is reached, and of kind Unavailable while the hub is draining.
func (h *Hub) Reserve(s chat.Stream) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	r, network := h.people[s.Person], limit.Network(s.Address)
	switch {
	case h.draining:
		return &chat.Error{
			Kind:       chat.KindUnavailable,
			RetryAfter: time.Second,
			Detail:     "This replica is stopping; another one answers.",
		}
	case h.limits.PerUser > 0 && r != nil && r.reserved >= h.limits.PerUser:
		return tooMany("Parley is open in too many windows. Close one of them.")
	case h.limits.PerAddress > 0 && h.networks[network] >= h.limits.PerAddress:
		return tooMany("Too many windows are open at your address.")
	}

	if r == nil {
		r = &recipient{}
		h.people[s.Person] = r
	}

	se := h.sessions[s.Session]
	if se == nil {
		se = &session{}
		h.sessions[s.Session] = se
	}

	r.reserved++
	se.reserved++
	h.networks[network]++
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
	network := limit.Network(s.Address)
	if h.networks[network]--; h.networks[network] <= 0 {
		delete(h.networks, network)
	}
	r := h.people[s.Person]
	if r.reserved--; r.reserved == 0 {
		delete(h.people, s.Person)
	}
	se := h.sessions[s.Session]
	if se.reserved--; se.reserved == 0 {
		delete(h.sessions, s.Session)
	}
}
