package sse

import (
	"github.com/google/uuid"

	"parley/app/chat"
)

// Subscribed reports that no event of a channel is missed from now on. Events may have been missed
// before. Once this holds for all channels of a person, new streams receive a ready event and the
// others a resync event.
func (h *Hub) Subscribed(to chat.Channel) {
	if to == (chat.Channel{}) {
		h.deps.Follows.ReadAgain(h.People()...) // an InvalidateEvent may have been missed
		return
	}

	h.mu.Lock()
	defer h.mu.Unlock()
	h.setSubscribed(to, true)
	if c := h.conversations[to.Conversation]; c != nil {
		for r := range c.followers {
			h.completed(r)
		}
	}
	if r := h.people[to.Person]; r != nil {
		h.completed(r)
	}
}

// Lost reports that events of these channels are missed until Subscribed.
func (h *Hub) Lost(channels []chat.Channel) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, channel := range channels {
		h.setSubscribed(channel, false)
	}
}

func (h *Hub) setSubscribed(channel chat.Channel, subscribed bool) {
	if channel.Conversation == uuid.Nil {
		if r := h.people[channel.Person]; r != nil {
			r.subscribed = subscribed
		}
		return
	}

	c := h.conversations[channel.Conversation]
	if c == nil || c.subscribed == subscribed {
		return
	}
	c.subscribed = subscribed
	for r := range c.followers {
		if subscribed {
			r.unconfirmed--
		} else {
			r.unconfirmed++
		}
	}
}

// completed tells a person's streams that all events arrive from now on, if they do.
func (h *Hub) completed(r *recipient) {
	if !r.complete() {
		return
	}
	for _, st := range r.streams {
		if st.ready {
			h.send(st, &h.resync)
		} else {
			h.sendReady(st)
		}
	}
}

// subscriptionChanges are changes of subscriptions in the order in which the hub decided them, so
// that the last one of a channel wins. They are made outside of the hub's lock, because they write
// to Redis.
type subscriptionChanges struct {
	waiting []subscriptionChange
	making  bool // a goroutine makes the changes that wait
}

type subscriptionChange struct {
	channel chat.Channel
	remove  bool
}

func (s *subscriptionChanges) add(channel chat.Channel) {
	s.waiting = append(s.waiting, subscriptionChange{channel, false})
}

func (s *subscriptionChanges) remove(channel chat.Channel) {
	s.waiting = append(s.waiting, subscriptionChange{channel, true})
}

// subscribe makes the changes that wait, unless another goroutine does. The caller must not hold
// the lock.
func (h *Hub) subscribe() {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := &h.subscribing
	if s.making {
		return
	}

	s.making = true
	defer func() { s.making = false }()
	for len(s.waiting) > 0 {
		changes := s.waiting
		s.waiting = nil
		h.change(changes)
	}
}

// change makes changes without the lock, which the caller holds.
func (h *Hub) change(changes []subscriptionChange) {
	h.mu.Unlock()
	defer h.mu.Lock()
	for _, c := range changes {
		if c.remove {
			h.deps.Subscriptions.Remove(c.channel)
		} else {
			h.deps.Subscriptions.Add(c.channel)
		}
	}
}
