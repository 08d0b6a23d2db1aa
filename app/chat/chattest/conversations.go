package chattest

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// storedConversation is a conversation with its messages and its members' marks.
type storedConversation struct {
	id        uuid.UUID
	created   time.Time
	members   []chat.Person
	messages  []chat.Message
	read      map[uuid.UUID]int64
	delivered map[uuid.UUID]int64
	arranged  map[uuid.UUID]arranged
	group     *group // nil: a direct conversation
}

// direct returns the conversation of two people, or nil.
func (s *Store) direct(a, b uuid.UUID) *storedConversation {
	for _, t := range s.conversations {
		if t.group == nil && t.has(a) && t.has(b) {
			return t
		}
	}
	return nil
}

func (t *storedConversation) has(person uuid.UUID) bool {
	return slices.ContainsFunc(t.members, func(p chat.Person) bool { return p.ID == person })
}

// OpenDirect implements chat.Store.
func (s *Store) OpenDirect(_ context.Context, person, friend uuid.UUID) (uuid.UUID, bool, error) {
	unlock, err := s.lock()
	if err != nil {
		return uuid.Nil, false, err
	}
	defer unlock()
	if person == friend {
		return uuid.Nil, false, chat.Invalid("person", "It takes two.")
	}

	a, _ := s.person(person)
	b, ok := s.person(friend)
	_, friends := s.friendships[pair(person, friend)]
	switch {
	case !ok && s.direct(person, friend) == nil:
		return uuid.Nil, false, chat.ErrNotFound()
	case !friends:
		return uuid.Nil, false, &chat.Error{Kind: chat.KindReadOnly}
	}

	t, made := s.open(a, b)
	return t.id, made, nil
}

// open returns the conversation of two people. It creates a missing one.
func (s *Store) open(a, b chat.Person) (t *storedConversation, made bool) {
	if t := s.direct(a.ID, b.ID); t != nil {
		return t, false
	}

	t = &storedConversation{
		id:        chat.NewID(),
		created:   time.Now(),
		members:   []chat.Person{a, b},
		read:      map[uuid.UUID]int64{},
		delivered: map[uuid.UUID]int64{},
		arranged:  map[uuid.UUID]arranged{},
	}

	s.conversations = append(s.conversations, t)
	return t, true
}

// writable reports whether the two members are friends.
func (s *Store) writable(t *storedConversation) bool {
	_, friends := s.friendships[pair(t.members[0].ID, t.members[1].ID)]
	return friends
}

// audience returns whom the conversation's events concern.
func (t *storedConversation) audience() chat.Audience {
	var to chat.Audience
	people := t.members
	if t.group != nil {
		people = t.present()
		if t.group.channel {
			return chat.ToConversation(t.id)
		}
	}
	for _, p := range people {
		to.People = append(to.People, p.ID)
	}
	return to
}

func (s *Store) find(id uuid.UUID) *storedConversation {
	for _, t := range s.conversations {
		if t.id == id {
			return t
		}
	}
	return nil
}

// Membership implements chat.Store.
func (s *Store) Membership(_ context.Context, key chat.MembershipKey) (chat.Membership, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.Membership{}, err
	}
	defer unlock()
	t := s.find(key.Conversation)
	if t == nil || !t.has(key.Person) {
		return chat.Membership{}, chat.ErrNotFound()
	}

	m := chat.Membership{
		ConversationID: t.id,
		CreatedAt:      chat.At(t.created),
		Kind:           chat.DirectConversation,
		Role:           chat.RoleMember,
		Writable:       t.group == nil && s.writable(t),
		FromSeq:        1,
		ToSeq:          math.MaxInt64,
		Audience:       t.audience(),
	}
	if t.group != nil {
		me := t.group.members[key.Person]
		m.Kind, m.Name, m.Role, m.FromSeq = chat.GroupConversation, t.group.Name, me.role, me.from
		m.Writable = me.role.Manages() || me.role != chat.RoleNone && t.group.Posting == chat.PostingAll
		if me.left > 0 {
			m.ToSeq = me.left
		}
	}
	for _, p := range t.members {
		if p.ID == key.Person {
			m.Person = s.memberSettings(p)
		} else if t.group == nil {
			peer := s.memberSettings(s.as(key.Person, p))
			m.Peer = &peer
		}
	}
	return m, nil
}

// Memberships implements chat.Store.
func (s *Store) Memberships(ctx context.Context, keys []chat.MembershipKey) (list []chat.Membership, err error) {
	for _, key := range keys {
		m, err := s.Membership(ctx, key)
		if chat.KindOf(err) == chat.KindUnavailable {
			return nil, err
		}
		if err == nil {
			list = append(list, m)
		}
	}

	return list, nil
}

// Conversation implements chat.Store.
func (s *Store) Conversation(_ context.Context, viewer, id uuid.UUID) (chat.Conversation, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.Conversation{}, err
	}
	defer unlock()
	t := s.find(id)
	if t == nil || !t.has(viewer) {
		return chat.Conversation{}, chat.ErrNotFound()
	}

	return s.conversationAs(t, viewer), nil
}

func (s *Store) memberSettings(p chat.Person) chat.MemberSettings {
	chosen := s.settingsOf(p.ID)
	return chat.MemberSettings{
		Person:        p,
		ShareRead:     chosen.ShareRead,
		SharePresence: chosen.SharePresence && !s.Hidden[p.ID],
		ShareTyping:   chosen.ShareTyping && !s.SilentTypers[p.ID],
	}
}

func (s *Store) conversationAs(t *storedConversation, viewer uuid.UUID) chat.Conversation {
	_, last := t.readable(viewer)
	c := chat.Conversation{
		ID:          t.id,
		CreatedAt:   chat.At(t.created),
		ReadSeq:     t.read[viewer],
		LastSeq:     last,
		Arrangement: t.arrangementOf(viewer),

		Kind:         chat.DirectConversation,
		MembersCount: 2,
	}
	people := t.members
	if t.group == nil {
		c.Writable = s.writable(t)
	} else {
		people = s.describeGroup(&c, t, viewer)
	}

	var settings []chat.MemberSettings
	for _, p := range people {
		read, delivered := t.read[p.ID], t.delivered[p.ID]
		p, shares := s.as(viewer, p), s.memberSettings(p)
		m := chat.Member{Person: p, ReadSeq: &read, DeliveredSeq: &delivered}
		if v, parted := s.lastViews[[2]uuid.UUID{viewer, p.ID}]; parted {
			m.ReadSeq, m.DeliveredSeq = v.read, v.delivered
			shares.ShareRead, shares.SharePresence = true, true
		}

		c.Members, settings = append(c.Members, m), append(settings, shares)
		if p.ID != viewer {
			c.Title = p.Name
		}
	}

	if n := c.LastSeq; n > 0 {
		last := s.sentIn(t, t.messages[n-1])
		c.LastMessage = &last
		seen := c.ReadSeq
		for _, m := range t.messages {
			if m.Sender.ID == viewer {
				seen = max(seen, *m.Seq)
			}
		}
		c.Unread = c.LastSeq - seen
		if t.group != nil {
			c.Unread = t.unreadTexts(viewer, seen, c.LastSeq)
		}
		if c.UnreadSeq != nil {
			c.Unread = t.markedUnread(viewer, *c.UnreadSeq)
		}
	}

	c.HideMarks(viewer, settings)
	return c
}

// Conversations implements chat.Store.
func (s *Store) Conversations(
	_ context.Context,
	viewer uuid.UUID,
	q chat.ConversationQuery,
) (chat.ConversationPage, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.ConversationPage{}, err
	}
	defer unlock()
	from, err := position(q.Page)
	if err != nil {
		return chat.ConversationPage{}, err
	}

	var all []chat.Conversation
	for _, t := range s.conversations {
		c := s.conversationAs(t, viewer)
		listed := c.Archived == q.Archived || q.Filter != "" && !q.Archived
		if t.has(viewer) && listed && matches(c, q.Filter) {
			all = append(all, c)
		}
	}

	pinned := func(c chat.Conversation) time.Time { return s.find(c.ID).arranged[viewer].pinned }
	slices.SortFunc(all, func(a, b chat.Conversation) int {
		return cmp.Or(pinned(b).Compare(pinned(a)), movedAt(b).Compare(movedAt(a)))
	})
	page, next := paged(all, from, q.Limit)
	return chat.ConversationPage{Conversations: page, Next: next}, nil
}

// Counts implements chat.Store.
func (s *Store) Counts(_ context.Context, person, current uuid.UUID) (counts chat.Counts, err error) {
	unlock, err := s.lock()
	if err != nil {
		return counts, err
	}
	defer unlock()
	for _, t := range s.conversations {
		if t.has(person) {
			s.countConversation(&counts, s.conversationAs(t, person), current)
		}
	}

	for _, r := range s.requests {
		if r.Asked.ID == person && r.State == chat.RequestPending && !s.blocks[[2]uuid.UUID{person, r.Asker.ID}] {
			counts.Requests++
		}
	}

	return counts, nil
}

func (s *Store) countConversation(counts *chat.Counts, c chat.Conversation, current uuid.UUID) {
	if c.Muted {
		counts.Muted = append(counts.Muted, c.ID)
	}
	if c.Archived {
		counts.Archived++
	}
	if c.Muted || c.Archived || c.Unread == 0 {
		return
	}

	counts.Conversations++
	counts.Unread += c.Unread
	if c.ID == current {
		counts.Here = c.Unread
	}
}

// matches reports whether the title or the last message contains the filter.
func matches(c chat.Conversation, filter string) bool {
	filter = chat.Fold(filter)
	return strings.Contains(chat.Fold(c.Title), filter) ||
		c.LastMessage != nil && strings.Contains(chat.FoldStart(c.LastMessage.Body), filter)
}

// movedAt is the time by which the list is sorted.
func movedAt(c chat.Conversation) time.Time {
	if c.LastMessage != nil {
		return c.LastMessage.SentAt.Time
	}
	return c.CreatedAt.Time
}
