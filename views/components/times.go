package components

import "time"

// The words for times, as static/js/times.js has them, in the zone of the reader's account. A script that knows the device's zone says them again.

// ListTime is when a conversation last moved, in as few characters as will do: 14:42, Yesterday, Sat, 12 Nov, 3 Mar 2025.
func ListTime(at, now time.Time, zone *time.Location) string {
	at, now = at.In(zone), now.In(zone)
	switch days := daysAgo(at, now); {
	case days == 0:
		return at.Format("15:04")
	case days == 1:
		return "Yesterday"
	case days > 1 && days < 7:
		return at.Format("Mon")
	case at.Year() == now.Year():
		return at.Format("2 Jan")
	}
	return at.Format("2 Jan 2006")
}

// DayWords heads a day: Today, Yesterday, Saturday 21 November, Saturday 22 November 2025.
func DayText(at, now time.Time, zone *time.Location) string {
	at, now = at.In(zone), now.In(zone)
	switch days := daysAgo(at, now); {
	case days == 0:
		return "Today"
	case days == 1:
		return "Yesterday"
	case at.Year() == now.Year():
		return at.Format("Monday 2 January")
	}
	return at.Format("Monday 2 January 2006")
}

// daysAgo counts midnights between two times of one zone; a day may have 23 or 25 hours.
func daysAgo(at, now time.Time) int {
	midnight := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(midnight(now).Sub(midnight(at)) / (24 * time.Hour))
}
