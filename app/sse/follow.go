package sse

import (
	"github.com/google/uuid"

	"parley/app/chat"
)

// conversation is one with a channel of its own.
type conversation struct {
	followers  map[*recipient]struct{} // never empty
	subscribed bool
}

// streams returns the streams of the followers. A nil conversation has none.
func (c *conversation) streams() (list []*stream) {
	if c == nil {
		return nil
	}
	list = make([]*stream, 0, len(c.followers))
	for r := range c.followers {
		list = append(list, r.streams...)
	}
	return list
}

// complete reports whether all events for the person arrive.
func (r *recipient) complete() bool { return r.known && r.subscribed && r.unconfirmed == 0 }

// Follow sets the conversations with a channel of their own whose events a person's streams
// receive. It has no effect for a person without streams here. Of two calls for the same person
// the later one counts.
func (h *Hub) Follow(person uuid.UUID, conversations []uuid.UUID) {
	h.mu.Lock()
	if r := h.people[person]; r != nil && r.requested {
		h.follow(r, conversations)
	}
	h.mu.Unlock()
	h.subscribe()
}

// FollowLater lets a person's streams become ready although it can't be read now what the person
// follows. If Follow later adds conversations, the streams receive a resync.
func (h *Hub) FollowLater(person uuid.UUID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.people[person]; r != nil && r.requested && !r.known {
		r.known = true
		h.completed(r)
	}
}

func (h *Hub) follow(r *recipient, conversations []uuid.UUID) {
	before := r.complete()
	r.known = true
	added := h.setFollows(r, conversations)
	switch {
	case r.complete():
		if added || !before {
			h.completed(r)
		}
	case added && h.relayed():
		// The relay brings events from here on. A resync fetches those before.
		for _, st := range r.streams {
			h.send(st, &h.resync)
		}
	}
}

// setFollows reports whether a conversation was added.
func (h *Hub) setFollows(r *recipient, conversations []uuid.UUID) (added bool) {
	wanted := make(map[uuid.UUID]struct{}, len(conversations))
	for _, id := range conversations {
		wanted[id] = struct{}{}
	}

	for id := range r.follows {
		if _, ok := wanted[id]; !ok {
			h.unfollow(r, id)
		}
	}

	for id := range wanted {
		if r.follows[id] == nil {
			h.addFollow(r, id)
			added = true
		}
	}
	return added
}

func (h *Hub) addFollow(r *recipient, id uuid.UUID) {
	c := h.conversations[id]
	if c == nil {
		c = &conversation{followers: map[*recipient]struct{}{}}
		h.conversations[id] = c
		h.subscribing.add(chat.Channel{Conversation: id})
	}
	if r.follows == nil {
		r.follows = map[uuid.UUID]*conversation{}
	}

	r.follows[id] = c
	c.followers[r] = struct{}{}
	if !c.subscribed {
		r.unconfirmed++
	}
}

func (h *Hub) unfollow(r *recipient, id uuid.UUID) {
	c := r.follows[id]
	delete(r.follows, id)
	delete(c.followers, r)
	if !c.subscribed {
		r.unconfirmed--
	}
	if len(c.followers) == 0 {
		delete(h.conversations, id)
		h.subscribing.remove(chat.Channel{Conversation: id})
	}
}

// forget removes a person without streams.
func (h *Hub) forget(person uuid.UUID, r *recipient) {
	delete(h.people, person)
	for id := range r.follows {
		h.unfollow(r, id)
	}
	if r.requested {
		h.subscribing.remove(chat.Channel{Person: person})
	}
}

// present returns those of some people who have streams here.
func (h *Hub) present(people []uuid.UUID) (present []uuid.UUID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range people {
		if r := h.people[id]; r != nil && r.requested {
			present = append(present, id)
		}
	}
	return present
}
