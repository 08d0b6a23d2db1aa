// Package chattest has the ports of chat in memory, and the suites that both they and the real ones pass, so that the fakes cannot lie.
package chattest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Store is chat.Store in memory. Down makes every call fail as if it were away; Unsure makes the next direct write succeed and lose its answer.
type Store struct {
	Down   bool
	Unsure bool

	mu         sync.Mutex
	identities map[[2]string]chat.Person
	sessions   map[[32]byte]chat.Session
	talks      []*talk
}

type talk struct {
	id        uuid.UUID
	created   time.Time
	members   []chat.Person
	messages  []chat.Message
	read      map[uuid.UUID]int64
	delivered map[uuid.UUID]int64
}

var _ chat.Store = (*Store)(nil)

// NewStore makes an empty one.
func NewStore() *Store {
	return &Store{identities: map[[2]string]chat.Person{}, sessions: map[[32]byte]chat.Session{}}
}

func (s *Store) enter() (leave func(), err error) {
	s.mu.Lock()
	if s.Down {
		s.mu.Unlock()
		return func() {}, chat.Unavailable("memory", context.DeadlineExceeded)
	}
	return s.mu.Unlock, nil
}

func (s *Store) Account(_ context.Context, who chat.Identity) (chat.Person, error) {
	leave, err := s.enter()
	if err != nil {
		return chat.Person{}, err
	}
	defer leave()
	key := [2]string{who.Provider, who.Subject}
	if _, ok := s.identities[key]; !ok {
		s.identities[key] = chat.Person{ID: chat.NewID(), Name: who.Name}
	}
	return s.identities[key], nil
}

func (s *Store) CreateSession(_ context.Context, session chat.Session, hash [32]byte) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	s.sessions[hash] = session
	return nil
}

func (s *Store) Session(_ context.Context, hash [32]byte) (chat.Session, error) {
	leave, err := s.enter()
	if err != nil {
		return chat.Session{}, err
	}
	defer leave()
	session, ok := s.sessions[hash]
	if !ok {
		return chat.Session{}, chat.ErrNotFound()
	}
	return session, nil
}

func (s *Store) DeleteSession(_ context.Context, id uuid.UUID) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	for hash, session := range s.sessions {
		if session.ID == id {
			delete(s.sessions, hash)
		}
	}
	return nil
}

func (s *Store) Friends(_ context.Context, person uuid.UUID, page string, limit int) (chat.FriendPage, error) {
	leave, err := s.enter()
	if err != nil {
		return chat.FriendPage{}, err
	}
	defer leave()
	from, err := position(page)
	if err != nil {
		return chat.FriendPage{}, err
	}
	var all []chat.Friend
	for key, p := range s.identities {
		if key[0] != chat.ProviderDev || p.ID == person {
			continue
		}
		f := chat.Friend{Person: p, Presence: chat.PresenceUnknown}
		if t := s.direct(person, p.ID); t != nil {
			f.ConversationID = &t.id
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b chat.Friend) int { return strings.Compare(chat.FoldName(a.Name), chat.FoldName(b.Name)) })
	part, next := paged(all, from, limit)
	return chat.FriendPage{Friends: part, Next: next}, nil
}

func (s *Store) direct(a, b uuid.UUID) *talk {
	for _, t := range s.talks {
		if t.has(a) && t.has(b) {
			return t
		}
	}
	return nil
}

func (t *talk) has(person uuid.UUID) bool {
	return slices.ContainsFunc(t.members, func(p chat.Person) bool { return p.ID == person })
}

func (s *Store) person(id uuid.UUID) (p chat.Person, dev, ok bool) {
	for key, p := range s.identities {
		if p.ID == id {
			return p, key[0] == chat.ProviderDev, true
		}
	}
	return chat.Person{}, false, false
}

func (s *Store) OpenDirect(_ context.Context, person, friend uuid.UUID) (uuid.UUID, bool, error) {
	leave, err := s.enter()
	if err != nil {
		return uuid.Nil, false, err
	}
	defer leave()
	if person == friend {
		return uuid.Nil, false, chat.Invalid("person", "It takes two.")
	}
	if t := s.direct(person, friend); t != nil {
		return t.id, false, nil
	}
	a, devA, _ := s.person(person)
	b, devB, ok := s.person(friend)
	switch {
	case !ok:
		return uuid.Nil, false, chat.ErrNotFound()
	case !devA || !devB:
		return uuid.Nil, false, &chat.Error{Kind: chat.KindNotFriends}
	}
	t := &talk{id: chat.NewID(), created: time.Now(), members: []chat.Person{a, b}, read: map[uuid.UUID]int64{}, delivered: map[uuid.UUID]int64{}}
	s.talks = append(s.talks, t)
	return t.id, true, nil
}

func (s *Store) find(id uuid.UUID) *talk {
	for _, t := range s.talks {
		if t.id == id {
			return t
		}
	}
	return nil
}

func (s *Store) Membership(_ context.Context, id uuid.UUID) (chat.Membership, error) {
	leave, err := s.enter()
	if err != nil {
		return chat.Membership{}, err
	}
	defer leave()
	t := s.find(id)
	if t == nil {
		return chat.Membership{}, chat.ErrNotFound()
	}
	return chat.Membership{ConversationID: id, Members: slices.Clone(t.members), Writable: true, CreatedAt: chat.At(t.created)}, nil
}

func (s *Store) Conversation(_ context.Context, viewer, id uuid.UUID) (chat.Conversation, error) {
	leave, err := s.enter()
	if err != nil {
		return chat.Conversation{}, err
	}
	defer leave()
	t := s.find(id)
	if t == nil || !t.has(viewer) {
		return chat.Conversation{}, chat.ErrNotFound()
	}
	return t.as(viewer), nil
}

func (t *talk) as(viewer uuid.UUID) chat.Conversation {
	c := chat.Conversation{ID: t.id, CreatedAt: chat.At(t.created), Writable: true, ReadSeq: t.read[viewer], LastSeq: int64(len(t.messages))}
	for _, p := range t.members {
		read, delivered := t.read[p.ID], t.delivered[p.ID]
		c.Members = append(c.Members, chat.Member{Person: p, ReadSeq: &read, DeliveredSeq: &delivered})
		if p.ID != viewer {
			c.Title = p.Name
		}
	}
	if n := len(t.messages); n > 0 {
		last := t.messages[n-1]
		c.LastMessage = &last
		if last.Sender.ID != viewer {
			c.Unread = c.LastSeq - c.ReadSeq
		}
	}
	return c
}

func (s *Store) Conversations(_ context.Context, viewer uuid.UUID, q chat.ConversationQuery) (chat.ConversationPage, error) {
	leave, err := s.enter()
	if err != nil {
		return chat.ConversationPage{}, err
	}
	defer leave()
	from, err := position(q.Page)
	if err != nil {
		return chat.ConversationPage{}, err
	}
	var all []chat.Conversation
	for _, t := range s.talks {
		if c := t.as(viewer); t.has(viewer) && matches(c, q.Filter) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b chat.Conversation) int { return movedAt(b).Compare(movedAt(a)) })
	part, next := paged(all, from, q.Limit)
	return chat.ConversationPage{Conversations: part, Next: next}, nil
}

func matches(c chat.Conversation, filter string) bool {
	filter = strings.ToLower(filter)
	return strings.Contains(strings.ToLower(c.Title), filter) ||
		c.LastMessage != nil && strings.Contains(strings.ToLower(c.LastMessage.Body), filter)
}

func movedAt(c chat.Conversation) time.Time {
	if c.LastMessage != nil {
		return c.LastMessage.SentAt.Time
	}
	return c.CreatedAt.Time
}

func position(page string) (int, error) {
	if page == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(page)
	if err != nil {
		return 0, chat.Invalid("page", "no such page")
	}
	return n, nil
}

func paged[T any](all []T, from, limit int) ([]T, string) {
	to := min(len(all), from+limit)
	next := ""
	if to < len(all) {
		next = strconv.Itoa(to)
	}
	return append([]T{}, all[min(from, to):to]...), next
}
