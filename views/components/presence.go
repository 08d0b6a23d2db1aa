package components

import (
	"time"

	"parley/app/chat"
)

// LastActiveText tells when a person was last active: to the day in the viewer's
// zone, and for one week. It returns "" if that is unknown or not for the viewer.
func LastActiveText(p chat.Presence, seen *time.Time, now time.Time, zone *time.Location) string {
	if p == chat.Online {
		return "Active now"
	}

	if p != chat.Offline || seen == nil {
		return ""
	}

	switch days := daysAgo(seen.In(zone), now.In(zone)); {
	case days <= 0:
		return "Active today"
	case days == 1:
		return "Active yesterday"
	case days < 7:
		return "Active this week"
	}

	return ""
}
