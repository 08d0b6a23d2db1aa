package chat

import (
	"context"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the zones of a machine that has none

	"github.com/google/uuid"
)

// SettingsStore keeps what people have chosen.
type SettingsStore interface {
	// ChangeSettings changes what is given, leaves the rest, and answers all of it. NotFound: no such person.
	ChangeSettings(ctx context.Context, person uuid.UUID, change SettingsChange) (Settings, error)
	// LearnTimeZone sets the time zone of a person who has none; learned is false when they do.
	LearnTimeZone(ctx context.Context, person uuid.UUID, zone string) (learned bool, err error)
}

// Settings are what a person has chosen. What one hides from others is hidden from oneself too.
type Settings struct {
	Theme         string `json:"theme"`     // "system", "light" or "dark"
	TimeZone      string `json:"time_zone"` // an IANA name; "": not known, UTC
	ShareRead     bool   `json:"share_read"`
	SharePresence bool   `json:"share_presence"`
	ShareTyping   bool   `json:"share_typing"`
}

// DefaultSettings are a new account's.
func DefaultSettings() Settings {
	return Settings{Theme: "system", ShareRead: true, SharePresence: true, ShareTyping: true}
}

// SettingsChange is some of the settings; nil stays as it is.
type SettingsChange struct {
	Theme         *string
	TimeZone      *string
	ShareRead     *bool
	SharePresence *bool
	ShareTyping   *bool
}

// Apply answers the settings after the change.
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

// ChangeSettings changes some of the viewer's settings, on every replica. Errors: Invalid (fields theme, time_zone).
func (s *Service) ChangeSettings(ctx context.Context, viewer Person, change SettingsChange) (Settings, error) {
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
	settings, err := s.store.ChangeSettings(ctx, viewer.ID, change)
	if err != nil {
		return Settings{}, err
	}
	s.personChanged(ctx, viewer.ID)
	if change.SharePresence != nil {
		if err := s.SharePresenceChanged(ctx, viewer.ID); err != nil {
			s.logger.WarnContext(ctx, "friends not told who shows themselves", "error", err) // their next page is right
		}
	}
	return settings, nil
}

// LearnTimeZone keeps the zone that the viewer's browser tells, unless they have one: what they chose meanwhile stays.
func (s *Service) LearnTimeZone(ctx context.Context, viewer Person, zone string) error {
	zone, err := ParseTimeZone(zone)
	if err != nil {
		return err
	}
	learned, err := s.store.LearnTimeZone(ctx, viewer.ID, zone)
	if learned {
		s.personChanged(ctx, viewer.ID)
	}
	return err
}

const maxZone = 64

// ParseTimeZone takes the name of a zone of the IANA database; else it answers Invalid (field time_zone). "Local", which Go knows too, is
// this machine's and nobody's.
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

// HideReading takes out of a conversation the read marks that the viewer may not see: those of people who don't tell, and everybody's
// when the viewer doesn't. tells says who does.
func (c *Conversation) HideReading(viewer uuid.UUID, tells map[uuid.UUID]bool) {
	for i := range c.Members {
		if m := &c.Members[i]; !tells[viewer] || !tells[m.ID] {
			m.ReadSeq = nil
		}
	}
}

// seesReading are the members who learn how far a person has read: none but themselves when they don't tell.
func (m Membership) seesReading(reader uuid.UUID) (ids []uuid.UUID) {
	tells := map[uuid.UUID]bool{}
	for _, p := range m.Members {
		tells[p.ID] = p.ShareRead
	}
	for _, p := range m.Members {
		if p.ID == reader || tells[reader] && tells[p.ID] {
			ids = append(ids, p.ID)
		}
	}
	return ids
}
