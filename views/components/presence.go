package components

import (
	"time"

	"parley/app/chat"
)

// ActiveWords says when somebody was last active, never more exactly than by the day (in the viewer's zone) and nothing older than a week; "" when
// that isn't known, or isn't for the viewer.
func LastActiveText(p chat.Presence, seen *time.Time, now time.Time, zone *time.Location) string {
	if p == chat.Online {
		return "Active now"
	}
	if p != chat.Offline || seen == nil {
		return ""
	}
	day := func(t time.Time) time.Time {
		y, m, d := t.In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	switch days := int(day(now).Sub(day(*seen)).Hours() / 24); {
	case days <= 0:
		return "Active today"
	case days == 1:
		return "Active yesterday"
	case days < 7:
		return "Active this week"
	}
	return ""
}
