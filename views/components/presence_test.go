package components

import (
	"testing"
	"time"

	"parley/app/chat"
)

func TestLastActiveText(t *testing.T) {
	auckland := zone(t, "Pacific/Auckland")

	now := time.Date(2026, 11, 24, 12, 30, 0, 0, time.UTC) // 1:30 on the 25th in Auckland
	for name, tt := range map[string]struct {
		presence chat.Presence
		ago      time.Duration
		zone     *time.Location
		want     string
	}{
		"online":                   {chat.Online, time.Hour, time.UTC, "Active now"},
		"unknown":                  {chat.PresenceUnknown, time.Hour, time.UTC, ""},
		"no friend":                {"", time.Hour, time.UTC, ""},
		"a moment ago":             {chat.Offline, time.Second, time.UTC, "Active a few minutes ago"},
		"by a clock that is ahead": {chat.Offline, -time.Minute, time.UTC, "Active a few minutes ago"},
		"five minutes ago":         {chat.Offline, 5 * time.Minute, time.UTC, "Active 5 minutes ago"},
		"nearly an hour ago":       {chat.Offline, 59 * time.Minute, time.UTC, "Active 55 minutes ago"},
		"an hour ago":              {chat.Offline, time.Hour, time.UTC, "Active 1 hour ago"},
		"hours ago":                {chat.Offline, 3*time.Hour + 59*time.Minute, time.UTC, "Active 3 hours ago"},
		"before midnight":          {chat.Offline, 2 * time.Hour, auckland, "Active 2 hours ago"},
		"this morning":             {chat.Offline, 12 * time.Hour, time.UTC, "Active 12 hours ago"},
		"the same in Auckland":     {chat.Offline, 12 * time.Hour, auckland, "Active yesterday"},
		"last night":               {chat.Offline, 13 * time.Hour, time.UTC, "Active yesterday"},
		"six days ago":             {chat.Offline, 6 * 24 * time.Hour, time.UTC, "Active this week"},
		"a week ago":               {chat.Offline, 7 * 24 * time.Hour, time.UTC, ""},
	} {
		seen := now.Add(-tt.ago)
		if got := LastActiveText(tt.presence, &seen, now, tt.zone); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}

	if got := LastActiveText(chat.Offline, nil, now, time.UTC); got != "" {
		t.Errorf("never seen: %q", got)
	}
}
