package chat

import (
	"context"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // for a machine without the IANA database

	"github.com/google/uuid"
)

// SettingsStore keeps settings.
type SettingsStore interface {
	// ChangeSettings changes the given settings and returns all of them, as they were and
	// as they are. NotFound: there is no such person.
	ChangeSettings(ctx context.Context, person uuid.UUID, change SettingsChange) (before, after Settings, err error)
	// LearnTimeZone sets the time zone of a person who has none. learned is false when
	// they have one.
	LearnTimeZone(ctx context.Context, person uuid.UUID, zone string) (learned bool, err error)
}

// Settings are a person's settings. A person who hides something from others does not
// see it of others.
type Settings struct {
	Theme         string `json:"theme"`     // "system", "light" or "dark"
	TimeZone      string `json:"time_zone"` // an IANA name; "": unknown, UTC is used
	ShareRead     bool   `json:"share_read"`
	SharePresence bool   `json:"share_presence"`
	ShareTyping   bool   `json:"share_typing"`
}

// DefaultSettings returns the settings of a new account.
func DefaultSettings() Settings {
	return Settings{Theme: "system", ShareRead: true, SharePresence: true, ShareTyping: true}
}

// SettingsChange changes some of the settings. A nil field is unchanged.
type SettingsChange struct {
	Theme         *string
	TimeZone      *string
	ShareRead     *bool
	SharePresence *bool
	ShareTyping   *bool
}

// Apply returns the settings after the change.
func (c SettingsChange) Apply(s Settings) Settings {
	set(&s.Theme, c.Theme)
	set(&s.TimeZone, c.TimeZone)
	set(&s.ShareRead, c.ShareRead)
	set(&s.SharePresence, c.SharePresence)
	set(&s.ShareTyping, c.ShareTyping)
	return s
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// ChangeSettings changes some of the viewer's settings, on every replica. Nobody is told of
// settings that were so before. Errors:
// Invalid (fields theme, time_zone).
func (s *Accounts) ChangeSettings(ctx context.Context, viewer Person, change SettingsChange) (Settings, error) {
	if change.Theme != nil && !slices.Contains([]string{"system", "light", "dark"}, *change.Theme) {
		return Settings{}, Invalid("theme", "Choose one of the three.")
	}

	if change.TimeZone != nil {
		zone, err := ParseTimeZone(*change.TimeZone)
		if err != nil {
			return Settings{}, err
		}
		change.TimeZone = &zone
	}

	before, settings, err := s.store.ChangeSettings(ctx, viewer.ID, change)
	if err != nil {
		return Settings{}, err
	}

	if settings != before {
		s.access.personChanged(ctx, viewer.ID)
	}
	if settings.SharePresence != before.SharePresence {
		if err := s.presence.SharePresenceChanged(ctx, viewer.ID); err != nil {
			// The friends' next page is right.
			s.logger.WarnContext(ctx, "changed presence setting not published", "error", err)
		}
	}

	return settings, nil
}

// LearnTimeZone keeps the time zone of the viewer's browser, unless they have one. A
// zone that they chose in the meantime stays.
func (s *Accounts) LearnTimeZone(ctx context.Context, viewer Person, zone string) error {
	zone, err := ParseTimeZone(zone)
	if err != nil {
		return err
	}

	learned, err := s.store.LearnTimeZone(ctx, viewer.ID, zone)
	if learned {
		s.access.personChanged(ctx, viewer.ID)
	}

	return err
}

const maxZone = 64 // bytes

// ParseTimeZone returns the normalised name of a zone of the IANA database, or Invalid
// (field time_zone). It rejects "Local", which Go accepts, because that is the zone of
// this machine.
func ParseTimeZone(name string) (string, error) {
	name = strings.ReplaceAll(strings.TrimSpace(name), " ", "_")
	if name == "" || len(name) > maxZone || strings.EqualFold(name, "local") {
		return "", Invalid("time_zone", "Choose a zone such as Europe/Amsterdam.")
	}
	if _, err := time.LoadLocation(name); err != nil {
		return "", Invalid("time_zone", "There is no such time zone. Choose one such as Europe/Amsterdam.")
	}
	return name, nil
}
