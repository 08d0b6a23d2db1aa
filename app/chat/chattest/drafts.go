package chattest

import (
	"context"

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
	case d.Body != "" && (!ok || kept.Body != "" || kept.ClientID != d.ClientID):
		s.drafts[key] = d
	}

	return nil
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
