package components

import (
	"strconv"
	"time"

	"parley/app/chat"
)

// LastActiveText tells when a person was last active, for one week and coarsely: to 5
// minutes, then to the hour, then to the day in the viewer's zone. It returns "" if that is
// unknown or not for the viewer. static/js/dates.js has the same rules.
func LastActiveText(p chat.Presence, seen *time.Time, now time.Time, zone *time.Location) string {
	if p == chat.Online {
		return "Active now"
	}

	if p != chat.Offline || seen == nil {
		return ""
	}

	at, days := lastActiveMinute(*seen), daysAgo(seen.In(zone), now.In(zone))
	minutes := int(now.Sub(at) / time.Minute)
	hours := minutes / 60
	switch {
	case minutes < 5:
		return "Active a few minutes ago"
	case minutes < 60:
		return "Active " + strconv.Itoa(minutes/5*5) + " minutes ago"
	case hours == 1:
		return "Active 1 hour ago"
	case days <= 0 || hours < 6:
		return "Active " + strconv.Itoa(hours) + " hours ago"
	case days == 1:
		return "Active yesterday"
	case days < 7:
		return "Active this week"
	}

	return ""
}

// lastActiveMinute is the precision at which a page has the time of a person's last activity.
func lastActiveMinute(seen time.Time) time.Time { return seen.UTC().Truncate(time.Minute) }
