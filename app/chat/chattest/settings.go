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

func (s *Store) ChangeSettings(_ context.Context, person uuid.UUID, c chat.SettingsChange) (chat.Settings, error) {
	leave, err := s.enter()
	if err != nil {
		return chat.Settings{}, err
	}
	defer leave()
	if _, ok := s.person(person); !ok {
		return chat.Settings{}, chat.ErrNotFound()
	}
	s.settings[person] = c.Apply(s.settingsOf(person))
	return s.settings[person], nil
}

func (s *Store) LearnTimeZone(_ context.Context, person uuid.UUID, zone string) (bool, error) {
	leave, err := s.enter()
	if err != nil {
		return false, err
	}
	defer leave()
	chosen := s.settingsOf(person)
	if _, ok := s.person(person); !ok || chosen.TimeZone != "" {
		return false, nil
	}
	chosen.TimeZone = zone
	s.settings[person] = chosen
	return true, nil
}
