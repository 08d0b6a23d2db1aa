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
func (s *Store) ChangeSettings(
	_ context.Context, person uuid.UUID, c chat.SettingsChange,
) (before, after chat.Settings, err error) {
	unlock, err := s.lock()
	if err != nil {
		return before, after, err
	}
	defer unlock()
	if _, ok := s.person(person); !ok {
		return before, after, chat.ErrNotFound()
	}

	before = s.settingsOf(person)
	after = c.Apply(before)
	s.settings[person] = after
	return before, after, nil
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
