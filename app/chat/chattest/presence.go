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

// Roll is the presence that replicas in memory share. changed is called for each
// person who came or went.
type Roll struct {
	Linger  time.Duration
	Changed func(person uuid.UUID)

	mu     sync.Mutex
	on     map[uuid.UUID]map[*Presence]bool
	online map[uuid.UUID]bool
	gone   map[uuid.UUID]*time.Timer
}

// NewRoll returns an empty roll. People stay online for linger after their last stream.
func NewRoll(linger time.Duration, changed func(person uuid.UUID)) *Roll {
	return &Roll{
		Linger:  linger,
		Changed: changed,
		on:      map[uuid.UUID]map[*Presence]bool{},
		online:  map[uuid.UUID]bool{},
		gone:    map[uuid.UUID]*time.Timer{},
	}
}

// Presence is chat.Presences in memory, of one replica. Down makes it unavailable.
type Presence struct {
	Down bool
	roll *Roll
}

var _ chat.Presences = (*Presence)(nil)

// NewPresence returns a replica with a roll of its own, where people go offline at once.
func NewPresence() *Presence { return NewRoll(0, func(uuid.UUID) {}).Replica() }

// Replica returns another replica on the roll.
func (r *Roll) Replica() *Presence { return &Presence{roll: r} }

// Arrive implements chat.Presences.
func (p *Presence) Arrive(person uuid.UUID) {
	r := p.roll
	r.mu.Lock()
	if r.on[person] == nil {
		r.on[person] = map[*Presence]bool{}
	}

	r.on[person][p] = true
	if t := r.gone[person]; t != nil {
		t.Stop()
	}

	came := !r.online[person]
	r.online[person] = true
	r.mu.Unlock()
	if came {
		r.Changed(person)
	}
}

// Leave implements chat.Presences.
func (p *Presence) Leave(person uuid.UUID) {
	r := p.roll
	r.mu.Lock()
	delete(r.on[person], p)
	last := len(r.on[person]) == 0 && r.online[person]
	if last && r.Linger > 0 {
		r.gone[person] = time.AfterFunc(r.Linger, func() { r.goes(person) })
	}

	r.mu.Unlock()
	if last && r.Linger == 0 {
		r.goes(person)
	}
}

func (r *Roll) goes(person uuid.UUID) {
	r.mu.Lock()
	went := len(r.on[person]) == 0 && r.online[person]
	if went {
		delete(r.online, person)
	}

	r.mu.Unlock()
	if went {
		r.Changed(person)
	}
}

// Crash ends the replica without a notice. The other replicas' detection and the end
// of its people's linger happen at once here.
func (p *Presence) Crash() {
	var here []uuid.UUID
	p.roll.mu.Lock()
	for person, on := range p.roll.on {
		if on[p] {
			here = append(here, person)
		}
	}

	p.roll.mu.Unlock()
	for _, person := range here {
		p.Leave(person)
	}
}

// Online implements chat.Presences.
func (p *Presence) Online(_ context.Context, people []uuid.UUID) (map[uuid.UUID]bool, error) {
	if p.Down {
		return nil, chat.Unavailable("memory", context.DeadlineExceeded)
	}

	p.roll.mu.Lock()
	defer p.roll.mu.Unlock()
	online := make(map[uuid.UUID]bool, len(people))
	for _, person := range people {
		online[person] = p.roll.online[person]
	}

	return online, nil
}
