package chattest

import (
	"context"

	"github.com/google/uuid"

	"parley/app/chat"
)

func (s *Store) settingsOf(person uuid.UUID) chat.Settings {
	if chosen, ok := s.settings[person]; ok {
		return chosen
	}
	return chat.DefaultSettings()
}

// ChangeSettings implements chat.Store.
func (s *Store) ChangeSettings(_ context.Context, person uuid.UUID, c chat.SettingsChange) (chat.Settings, error) {
	unlock, err := s.lock()
	if err != nil {
		return chat.Settings{}, err
	}
	defer unlock()
	if _, ok := s.person(person); !ok {
		return chat.Settings{}, chat.ErrNotFound()
	}

	s.settings[person] = c.Apply(s.settingsOf(person))
	return s.settings[person], nil
}

// LearnTimeZone implements chat.Store.
func (s *Store) LearnTimeZone(_ context.Context, person uuid.UUID, zone string) (bool, error) {
	unlock, err := s.lock()
	if err != nil {
		return false, err
	}
	defer unlock()
	chosen := s.settingsOf(person)
	if _, ok := s.person(person); !ok || chosen.TimeZone != "" {
		return false, nil
	}

	chosen.TimeZone = zone
	s.settings[person] = chosen
	return true, nil
}
