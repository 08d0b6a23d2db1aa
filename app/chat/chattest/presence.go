package chattest

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Seen implements chat.Store.
func (s *Store) Seen(_ context.Context, people []uuid.UUID) (map[uuid.UUID]chat.Seen, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	seen := map[uuid.UUID]chat.Seen{}
	for _, id := range people {
		if _, ok := s.person(id); !ok {
			continue
		}
		known := chat.Seen{Shared: !s.Hidden[id]}
		if at, ok := s.seen[id]; ok && known.Shared {
			known.At = &at
		}
		seen[id] = known
	}

	return seen, nil
}

// SetSeen implements chat.Store.
func (s *Store) SetSeen(_ context.Context, people []uuid.UUID, at time.Time) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	for _, id := range people {
		if !s.Hidden[id] && s.seen[id].Before(at) {
			s.seen[id] = at
		}
	}

	return nil
}

// PresenceRegistry is the presence registry that replicas in memory share. Changed is
// called for each person who went online or offline.
type PresenceRegistry struct {
	Linger  time.Duration
	Changed func(person uuid.UUID)

	mu      sync.Mutex
	streams map[uuid.UUID]map[*Presence]bool // the replicas with streams of a person
	online  map[uuid.UUID]bool
	timers  map[uuid.UUID]*time.Timer // at whose end a person goes offline
}

// NewPresenceRegistry returns an empty registry. People stay online for linger after
// their last stream.
func NewPresenceRegistry(linger time.Duration, changed func(person uuid.UUID)) *PresenceRegistry {
	return &PresenceRegistry{
		Linger:  linger,
		Changed: changed,
		streams: map[uuid.UUID]map[*Presence]bool{},
		online:  map[uuid.UUID]bool{},
		timers:  map[uuid.UUID]*time.Timer{},
	}
}

// Presence is chat.Presences in memory, of one replica. Down makes it unavailable.
type Presence struct {
	Down     bool
	registry *PresenceRegistry
}

var _ chat.Presences = (*Presence)(nil)

// NewPresence returns a replica with its own registry, where people go offline at once.
func NewPresence() *Presence { return NewPresenceRegistry(0, func(uuid.UUID) {}).Replica() }

// Replica returns another replica on the registry.
func (r *PresenceRegistry) Replica() *Presence { return &Presence{registry: r} }

// Arrive implements chat.Presences.
func (p *Presence) Arrive(person uuid.UUID) {
	r := p.registry
	r.mu.Lock()
	if r.streams[person] == nil {
		r.streams[person] = map[*Presence]bool{}
	}

	r.streams[person][p] = true
	if t := r.timers[person]; t != nil {
		t.Stop()
	}

	changed := !r.online[person]
	r.online[person] = true
	r.mu.Unlock()
	if changed {
		r.Changed(person)
	}
}

// Leave implements chat.Presences.
func (p *Presence) Leave(person uuid.UUID) {
	r := p.registry
	r.mu.Lock()
	delete(r.streams[person], p)
	last := len(r.streams[person]) == 0 && r.online[person]
	if last && r.Linger > 0 {
		r.timers[person] = time.AfterFunc(r.Linger, func() { r.setOffline(person) })
	}

	r.mu.Unlock()
	if last && r.Linger == 0 {
		r.setOffline(person)
	}
}

// setOffline sets a person offline, unless a new stream was opened meanwhile.
func (r *PresenceRegistry) setOffline(person uuid.UUID) {
	r.mu.Lock()
	changed := len(r.streams[person]) == 0 && r.online[person]
	if changed {
		delete(r.online, person)
	}

	r.mu.Unlock()
	if changed {
		r.Changed(person)
	}
}

// Crash stops the replica without a clean shutdown. In memory the other replicas
// detect it at once.
func (p *Presence) Crash() {
	var here []uuid.UUID
	p.registry.mu.Lock()
	for person, replicas := range p.registry.streams {
		if replicas[p] {
			here = append(here, person)
		}
	}

	p.registry.mu.Unlock()
	for _, person := range here {
		p.Leave(person)
	}
}

// Online implements chat.Presences.
func (p *Presence) Online(_ context.Context, people []uuid.UUID) (map[uuid.UUID]bool, error) {
	if p.Down {
		return nil, chat.Unavailable("memory", context.DeadlineExceeded)
	}

	p.registry.mu.Lock()
	defer p.registry.mu.Unlock()
	online := make(map[uuid.UUID]bool, len(people))
	for _, person := range people {
		online[person] = p.registry.online[person]
	}

	return online, nil
}
