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

// ErrSeeded says that what Seed makes is there already.
var ErrSeeded = errors.New("the seed is there already")

// seedNumber decides everything that is left to chance, so that every seed says the same.
const seedNumber = 4812

// Seed fills a migrated database with a believable installation that ends a few minutes before now: 30 people of the development sign-in,
// friendships, requests, a block, a draft, and 5,000 messages of several months. Noor Haddad is who to sign in as. Every step can be done
// twice, so a seed that was interrupted is finished by the next; one that is complete answers ErrSeeded.
func Seed(ctx context.Context, s *postgres.Store, now time.Time) error {
	h := seeding{ctx: ctx, store: s, people: map[string]chat.Person{}}
	if err := h.gather(now); err != nil {
		return fmt.Errorf("seed, people: %w", err)
	}
	fresh := false
	for i, t := range seedTalks() {
		wrote, err := h.talk(t, rand.New(rand.NewPCG(seedNumber, uint64(i)))) // #nosec G404 -- the same talk every time
		if err != nil {
			return fmt.Errorf("seed, %s and %s: %w", t.a, t.b, err)
		}
		fresh = fresh || wrote
	}
	if !fresh {
		return ErrSeeded
	}
	return h.loose()
}

type seeding struct {
	ctx    context.Context
	store  *postgres.Store
	now    time.Time // when everything ends
	people map[string]chat.Person
}

// gather makes the accounts. A seed that goes on keeps the time at which it began: the first person joined a fixed time before it.
func (h *seeding) gather(now time.Time) error {
	joined := map[uuid.UUID]time.Time{}
	h.now = now.Truncate(time.Minute)
	for i, m := range Cast {
		who := chat.Identity{Provider: chat.ProviderDev, Subject: chat.FoldName(m.Name), Name: m.Name}
		p, err := h.store.Account(h.ctx, who)
		if err != nil {
			return err
		}
		if i == 0 {
			found, err := h.store.PersonAs(h.ctx, p.ID, p.ID, now)
			if err != nil {
				return err
			}
			if now.Sub(found.JoinedAt) > m.joined/2 {
				h.now = found.JoinedAt.Add(m.joined)
			}
		}
		h.people[m.Name] = p
		joined[p.ID] = h.now.Add(-m.joined)
	}
	return h.store.BackdatePeople(h.ctx, joined)
}

// befriend makes friends of two people, at a time, and names their conversation.
func (h *seeding) befriend(a, b chat.Person, at time.Time) (uuid.UUID, error) {
	for _, ask := range []chat.FriendRequest{{Asker: a.ID, Asked: b.ID, At: at.Add(-time.Hour)}, {Asker: b.ID, Asked: a.ID, At: at}} {
		ask.ID = chat.NewID()
		if _, err := h.store.Ask(h.ctx, ask); err != nil {
			return uuid.Nil, err
		}
	}
	id, _, err := h.store.OpenDirect(h.ctx, a.ID, b.ID)
	return id, err
}

// talk makes a conversation; wrote is false when it was there.
func (h *seeding) talk(t seedTalk, chance *rand.Rand) (wrote bool, err error) {
	a, b := h.people[t.a], h.people[t.b]
	lines := t.lines(h.now, chance)
	began := h.now.Add(-t.ago)
	if len(lines) > 0 {
		began = lines[0].at.Add(-time.Minute)
	}
	id, err := h.befriend(a, b, began)
	if err != nil {
		return false, err
	}
	c, err := h.store.Conversation(h.ctx, a.ID, id)
	if err != nil || c.LastSeq >= int64(len(lines)) && c.LastSeq > 0 {
		return false, err
	}
	if err := h.store.BackdateConversation(h.ctx, id, began); err != nil || len(lines) == 0 {
		return false, err
	}
	messages := make([]chat.Message, len(lines))
	for i, l := range lines {
		m := chat.Message{ConversationID: id, ClientID: clientID(l.at, chance), Sender: a, Body: l.text, SentAt: chat.At(l.at)}
		if l.b {
			m.Sender = b
		}
		m.ID = chat.MessageID(m.Sender.ID, id, m.ClientID, m.Body)
		messages[i] = m
	}
	if _, err := h.store.StoreDirect(h.ctx, id, messages); err != nil {
		return false, err
	}
	return true, h.marks(id, a, b, int64(len(lines)), t)
}

// marks says how far the two have come.
func (h *seeding) marks(id uuid.UUID, a, b chat.Person, last int64, t seedTalk) error {
	if _, _, err := h.store.MarkDelivered(h.ctx, b.ID, id, last); err != nil {
		return err
	}
	if _, _, err := h.store.MarkRead(h.ctx, b.ID, id, last-int64(t.unseen)); err != nil {
		return err
	}
	_, _, err := h.store.MarkRead(h.ctx, a.ID, id, last-int64(t.unread))
	return err
}

// clientID is a UUIDv7 of a time.
func clientID(at time.Time, chance *rand.Rand) uuid.UUID {
	var id uuid.UUID
	ms := uint64(at.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	for i := 6; i < 16; i++ {
		id[i] = byte(chance.Uint32())
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id
}

// loose makes what is not a conversation: requests that wait, a block, a draft.
func (h *seeding) loose() error {
	for _, r := range seedRequests {
		ask := chat.FriendRequest{ID: chat.NewID(), Asker: h.people[r.asker].ID, Asked: h.people[r.asked].ID, At: h.now.Add(-r.ago)}
		if _, err := h.store.Ask(h.ctx, ask); err != nil {
			return err
		}
	}
	noor, mei := h.people[Cast[0].Name], h.people["Mei Lindqvist"]
	if _, err := h.store.Block(h.ctx, noor.ID, h.people["Mark Jansen"].ID, h.now.Add(-40*seedDay)); err != nil {
		return err
	}
	id, _, err := h.store.OpenDirect(h.ctx, noor.ID, mei.ID)
	if err != nil {
		return err
	}
	return h.store.SeedDraft(h.ctx, noor.ID, id, "About the lock keeper…", h.now.Add(-3*time.Hour))
}
