package chattest

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
)

// draftKey is a person in a conversation. An empty draft is one whose message was sent.
type draftKey struct{ person, conversation uuid.UUID }

// SaveDraft implements chat.Store.
func (s *Store) SaveDraft(_ context.Context, person, conversation uuid.UUID, d chat.Draft) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	key := draftKey{person, conversation}
	kept, ok := s.drafts[key]
	switch {
	case d.Body == "" && kept.Body != "":
		delete(s.drafts, key)
	case d.Body == "":
	case ok && kept.Body == "" && kept.ClientID == d.ClientID, s.sentAs(person, conversation, d.ClientID):
		return chat.ErrSpent()
	default:
		d.SavedAt = time.Now()
		s.drafts[key] = d
	}

	return nil
}

// sentAs reports whether one of the last 100 messages is the person's with a client id.
func (s *Store) sentAs(person, conversation, clientID uuid.UUID) bool {
	t := s.find(conversation)
	if t == nil {
		return false
	}
	return slices.ContainsFunc(t.messages[max(0, len(t.messages)-100):], func(m chat.Message) bool {
		return m.Sender.ID == person && m.ClientID == clientID
	})
}

// SentDraft implements chat.Store.
func (s *Store) SentDraft(_ context.Context, person, conversation, clientID uuid.UUID) error {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer unlock()
	key := draftKey{person, conversation}
	if kept, ok := s.drafts[key]; !ok || kept.ClientID == clientID {
		s.drafts[key] = chat.Draft{ClientID: clientID}
	}

	return nil
}

// Drafts implements chat.Store.
func (s *Store) Drafts(
	_ context.Context,
	person uuid.UUID,
	conversations []uuid.UUID,
) (map[uuid.UUID]chat.Draft, error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	found := map[uuid.UUID]chat.Draft{}
	for _, id := range conversations {
		if d := s.drafts[draftKey{person, id}]; d.Body != "" {
			found[id] = d
		}
	}

	return found, nil
}
