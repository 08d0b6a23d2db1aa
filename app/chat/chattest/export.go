package chattest

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Export implements chat.Store.
func (s *Store) Export(_ context.Context, person uuid.UUID, now time.Time) (chat.Export, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.Export{}, err
	}
	defer unlock()
	p, ok := s.person(person)
	if !ok {
		return chat.Export{}, chat.ErrNotFound()
	}

	e := chat.Export{
		Account:  chat.ExportedAccount{ID: p.ID, Name: p.Name, Settings: s.settingsOf(person)},
		Sessions: []chat.ExportedSession{},
		Friends:  []chat.ExportedPerson{},
		Requests: []chat.ExportedRequest{},
		Blocked:  []chat.ExportedPerson{},
		Drafts:   []chat.ExportedDraft{},
		Returned: []chat.ExportedReturn{},
	}

	for key, other := range s.identities {
		if other.ID == person {
			e.Account.Identities = append(
				e.Account.Identities,
				chat.ExportedIdentity{Provider: key[0], Subject: key[1]},
			)
		}
	}

	for _, session := range s.sessions {
		if session.Person.ID == person && session.ExpiresAt.After(now) {
			e.Sessions = append(e.Sessions, chat.ExportedSession{
				ID:        session.ID,
				Device:    session.Device,
				CreatedAt: chat.At(session.CreatedAt),
				SeenAt:    chat.At(session.SeenAt),
				ExpiresAt: chat.At(session.ExpiresAt),
			})
		}
	}

	for key, since := range s.friendships {
		if other := otherOf(key, person); other != uuid.Nil {
			p, _ := s.person(other)
			e.Friends = append(e.Friends, chat.ExportedPerson{ID: other, Name: p.Name, Since: chat.At(since)})
		}
	}

	for _, r := range s.requests {
		if r.Asker.ID != person && (r.Asked.ID != person || s.outcome(r).Undelivered) {
			continue
		}
		exported := chat.ExportedRequest{
			ID:        r.ID,
			Asker:     s.as(person, r.Asker),
			Asked:     s.as(person, r.Asked),
			State:     string(r.State),
			CreatedAt: chat.At(r.CreatedAt),
		}
		if !r.answered.IsZero() {
			at := chat.At(r.answered)
			exported.AnsweredAt = &at
		}
		e.Requests = append(e.Requests, exported)
	}

	for key := range s.blocks {
		if key[0] == person {
			p, ok := s.person(key[1])
			if !ok {
				continue
			}
			p = s.as(person, p)
			e.Blocked = append(e.Blocked, chat.ExportedPerson{ID: p.ID, Name: p.Name})
		}
	}

	for _, r := range s.unstored(person) {
		e.Returned = append(
			e.Returned,
			chat.ExportedReturn{
				ConversationID: r.Message.ConversationID,
				Body:           r.Message.Body,
				Reason:         r.Reason,
				SentAt:         r.Message.SentAt,
			},
		)
	}

	return e, nil
}

// otherOf returns the other person of a pair, or uuid.Nil if the person is not in it.
func otherOf(pair [2]uuid.UUID, person uuid.UUID) uuid.UUID {
	switch person {
	case pair[0]:
		return pair[1]
	case pair[1]:
		return pair[0]
	}
	return uuid.Nil
}

// ExportConversations implements chat.Store.
func (s *Store) ExportConversations(
	_ context.Context,
	person, after uuid.UUID,
	limit int,
) ([]chat.ExportedConversation, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	list := []chat.ExportedConversation{}
	for _, t := range s.conversations {
		if !t.has(person) || bytes.Compare(t.id[:], after[:]) <= 0 {
			continue
		}
		c := s.conversationAs(t, person)
		list = append(
			list,
			chat.ExportedConversation{
				ID:        t.id,
				Title:     c.Title,
				CreatedAt: c.CreatedAt,
				Members:   membersAs(c),
				FromSeq:   max(1, c.FromSeq),
				LastSeq:   c.LastSeq,
				ReadSeq:   c.ReadSeq,
			},
		)
	}

	slices.SortFunc(list, func(a, b chat.ExportedConversation) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return list[:min(limit, len(list))], nil
}

// membersAs returns the members of a conversation as its viewer sees them.
func membersAs(c chat.Conversation) (members []chat.Person) {
	for _, m := range c.Members {
		members = append(members, m.Person)
	}
	return members
}
