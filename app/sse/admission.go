package sse

import (
	"time"

	"parley/app/chat"
	"parley/app/limit"
	"parley/app/sse/frame"
)

// evictedFrame makes a page wait, until its person looks at it, instead of reconnecting.
var evictedFrame = frame.Event("evicted", []byte("{}"))

// Reserve admits a stream, which then must be attached or released. The error is of kind
// TooFast when a limit is reached, and of kind Unavailable while the hub is draining. A
// page is not refused for its person's limit: the person's oldest stream ends instead,
// because the person looks at the newest page. A program is refused, because it would
// reconnect after its end and evict the next one.
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
	case h.limits.PerUser > 0 && r != nil && r.staying() >= h.limits.PerUser && !r.mayEvict(s, h.limits):
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

	if r.reserved++; h.limits.PerUser > 0 && r.staying() > h.limits.PerUser {
		r.evictOldest()
	}
	se.reserved++
	h.networks[network]++
	return nil
}

// mayEvict reports whether a stream of the person may end for the new one. At most as many
// as the limit end at a time, because a slow reader's takes up to writeTimeout.
func (r *recipient) mayEvict(s chat.Stream, limits Limits) bool {
	return s.Format == chat.StreamHTML && int(r.evicted) < limits.PerUser && r.oldest() != nil
}

// staying returns how many streams the person has, without those that end for newer ones.
func (r *recipient) staying() int { return int(r.reserved - r.evicted) }

func (r *recipient) evictOldest() {
	st := r.oldest()
	st.evicted = true
	r.evicted++
	if st.info.Format == chat.StreamHTML {
		st.sendFinal(evictedFrame)
	} else {
		st.sendFinal(reconnectFrame())
	}
}

// oldest returns the oldest stream that is attached and not evicted, or nil.
func (r *recipient) oldest() *stream {
	for _, st := range r.streams {
		if !st.evicted {
			return st
		}
	}
	return nil
}

func tooMany(detail string) error {
	return &chat.Error{Kind: chat.KindTooFast, RetryAfter: 10 * time.Second, Detail: detail}
}

// Release undoes a Reserve whose stream was not attached.
func (h *Hub) Release(s chat.Stream) {
	h.mu.Lock()
	h.release(s)
	h.mu.Unlock()
	h.subscribe()
}

func (h *Hub) release(s chat.Stream) {
	network := limit.Network(s.Address)
	if h.networks[network]--; h.networks[network] <= 0 {
		delete(h.networks, network)
	}
	r := h.people[s.Person]
	if r.reserved--; r.reserved == 0 {
		h.forget(s.Person, r)
	}
	se := h.sessions[s.Session]
	if se.reserved--; se.reserved == 0 {
		delete(h.sessions, s.Session)
	}
}
