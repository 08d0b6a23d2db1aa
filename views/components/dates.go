package components

import "time"

// The texts of dates are those of static/js/dates.js, in the time zone of the
// viewer's account. The script writes them again in the device's zone.

// ListTime returns a time in as few characters as are clear: 14:42, Yesterday, Sat,
// 12 Nov, 3 Mar 2025.
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

// DayText returns the heading of a day: Today, Yesterday, Saturday 21 November,
// Saturday 22 November 2025.
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

// daysAgo counts the midnights between two times in one zone, because a day may have
// 23 or 25 hours.
func daysAgo(at, now time.Time) int {
	return int(midnight(now).Sub(midnight(at)) / (24 * time.Hour))
}

// midnight returns the beginning of a date in UTC, where every day has 24 hours.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
