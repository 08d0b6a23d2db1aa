// Package demo fills an empty installation with people and conversations.
package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/postgres"
)

// ErrSeeded means that Seed found its data complete and changed nothing.
var ErrSeeded = errors.New("the seed is there already")

// randomSeed makes every run produce the same texts and times.
const randomSeed = 4812

// Others returns how many people of a migrated database are not of the cast.
func Others(ctx context.Context, s *postgres.Store) (int64, error) {
	subjects := make([]string, len(Cast))
	for i, m := range Cast {
		subjects[i] = chat.FoldName(m.Name)
	}

	return s.CountPeopleExcept(ctx, chat.ProviderDev, subjects)
}

// Seed fills a migrated database with a realistic installation that ends a few
// minutes before now: 30 people of the development sign-in, friendships, requests,
// a block, a draft, and 5,000 messages of several months. It is made to be seen by
// signing in as Noor Haddad. Every step is idempotent, so a second run completes
// an interrupted one; if nothing was missing it returns ErrSeeded.
func Seed(ctx context.Context, s *postgres.Store, now time.Time) error {
	seed := seeder{ctx: ctx, store: s, people: map[string]chat.Person{}}
	if err := seed.createPeople(now); err != nil {
		return fmt.Errorf("seed, people: %w", err)
	}

	changed := false

	for i, script := range scripts() {
		random := rand.New(rand.NewPCG(randomSeed, uint64(i))) // #nosec G404 -- the same conversation every time

		wrote, err := seed.createConversation(script, random)
		if err != nil {
			return fmt.Errorf("seed, %s and %s: %w", script.a, script.b, err)
		}

		changed = changed || wrote
	}

	if !changed {
		return ErrSeeded
	}

	return seed.createRest()
}

// seeder is one run of Seed.
type seeder struct {
	ctx    context.Context
	store  *postgres.Store
	end    time.Time
	people map[string]chat.Person
}

// createPeople creates the accounts and sets the end of the seed. A run that
// completes an interrupted one uses the end of that one, which follows from when
// the first person joined.
func (s *seeder) createPeople(now time.Time) error {
	joined := map[uuid.UUID]time.Time{}
	s.end = now.Truncate(time.Minute)

	for i, m := range Cast {
		identity := chat.Identity{Provider: chat.ProviderDev, Subject: chat.FoldName(m.Name), Name: m.Name}

		p, err := s.store.Account(s.ctx, identity)
		if err != nil {
			return err
		}

		if i == 0 {
			view, err := s.store.ViewPerson(s.ctx, p.ID, p.ID, now)
			if err != nil {
				return err
			}

			if now.Sub(view.JoinedAt) > m.joined/2 {
				s.end = view.JoinedAt.Add(m.joined)
			}
		}

		s.people[m.Name] = p
		joined[p.ID] = s.end.Add(-m.joined)
	}

	return s.store.BackdatePeople(s.ctx, joined)
}

// befriend makes friends of two people at a time and returns their conversation.
func (s *seeder) befriend(a, b chat.Person, at time.Time) (uuid.UUID, error) {
	for _, r := range []chat.FriendRequest{
		{ID: chat.NewID(), Asker: a.ID, Asked: b.ID, At: at.Add(-time.Hour)},
		{ID: chat.NewID(), Asker: b.ID, Asked: a.ID, At: at},
	} {
		if _, err := s.store.RequestFriend(s.ctx, r); err != nil {
			return uuid.Nil, err
		}
	}

	id, _, err := s.store.OpenDirect(s.ctx, a.ID, b.ID)
	return id, err
}

// createConversation creates the conversation of a script. wrote is false if it
// was complete.
func (s *seeder) createConversation(script script, random *rand.Rand) (wrote bool, err error) {
	a, b := s.people[script.a], s.people[script.b]
	lines := script.lines(s.end, random)

	began := s.end.Add(-script.ago)
	if len(lines) > 0 {
		began = lines[0].at.Add(-time.Minute)
	}

	id, err := s.befriend(a, b, began)
	if err != nil {
		return false, err
	}

	c, err := s.store.Conversation(s.ctx, a.ID, id)
	if err != nil || c.LastSeq >= int64(len(lines)) && c.LastSeq > 0 {
		return false, err
	}

	if err := s.store.BackdateConversation(s.ctx, id, began); err != nil || len(lines) == 0 {
		return false, err
	}

	if _, err := s.store.StoreDirect(s.ctx, id, messages(id, a, b, lines, random)); err != nil {
		return false, err
	}

	return true, s.setMarks(id, script, int64(len(lines)))
}

func messages(conversation uuid.UUID, a, b chat.Person, lines []line, random *rand.Rand) []chat.Message {
	list := make([]chat.Message, len(lines))
	for i, l := range lines {
		m := chat.Message{
			ConversationID: conversation,
			ClientID:       clientID(l.at, random),
			Sender:         a,
			Body:           l.text,
			SentAt:         chat.At(l.at),
		}
		if l.fromB {
			m.Sender = b
		}

		m.ID = chat.MessageID(m.Sender.ID, conversation, m.ClientID, m.Body)
		list[i] = m
	}

	return list
}

// setMarks sets how far the two people have read.
func (s *seeder) setMarks(conversation uuid.UUID, script script, last int64) error {
	a, b := s.people[script.a].ID, s.people[script.b].ID
	if _, _, err := s.store.MarkDelivered(s.ctx, b, conversation, last); err != nil {
		return err
	}

	if _, err := s.store.MarkRead(s.ctx, b, conversation, last-int64(script.unseen)); err != nil {
		return err
	}

	_, err := s.store.MarkRead(s.ctx, a, conversation, last-int64(script.unread))
	return err
}

// clientID returns a UUIDv7 of a given time.
func clientID(at time.Time, random *rand.Rand) uuid.UUID {
	var id uuid.UUID

	ms := uint64(at.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}

	for i := 6; i < 16; i++ {
		id[i] = byte(random.Uint32())
	}

	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id
}

// createRest creates the pending requests, a block and a draft.
func (s *seeder) createRest() error {
	for _, r := range pendingRequests {
		request := chat.FriendRequest{
			ID:    chat.NewID(),
			Asker: s.people[r.asker].ID,
			Asked: s.people[r.asked].ID,
			At:    s.end.Add(-r.ago),
		}
		if _, err := s.store.RequestFriend(s.ctx, request); err != nil {
			return err
		}
	}

	noor, mei := s.people[Cast[0].Name], s.people["Mei Lindqvist"]
	if _, err := s.store.Block(s.ctx, noor.ID, s.people["Mark Jansen"].ID, s.end.Add(-40*day)); err != nil {
		return err
	}

	id, _, err := s.store.OpenDirect(s.ctx, noor.ID, mei.ID)
	if err != nil {
		return err
	}

	return s.store.SeedDraft(s.ctx, noor.ID, id, "About the lock keeper…", s.end.Add(-3*time.Hour))
}
