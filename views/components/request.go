package components

import (
	"fmt"
	"time"

	"parley/app/chat"
)

// RequestRow is a friend request in a list, as one of its two people sees it.
type RequestRow struct {
	chat.Request
	Now  time.Time
	Zone *time.Location
}

// AskedText tells when a request was made.
func AskedText(at, now time.Time, zone *time.Location) string {
	at, now = at.In(zone), now.In(zone)
	switch ago, days := now.Sub(at), daysAgo(at, now); {
	case ago < time.Minute:
		return "Asked just now"
	case ago < 2*time.Minute:
		return "Asked a minute ago"
	case ago < time.Hour:
		return fmt.Sprintf("Asked %d minutes ago", int(ago.Minutes()))
	case days == 0:
		return "Asked today"
	case days == 1:
		return "Asked yesterday"
	case days < 7:
		return "Asked on " + at.Format("Monday")
	case at.Year() == now.Year():
		return "Asked on " + at.Format("2 January")
	}

	return "Asked on " + at.Format("2 January 2006")
}

// monthText names a month, without the year if it is the present one.
func monthText(at, now time.Time, zone *time.Location) string {
	if at.In(zone).Year() == now.In(zone).Year() {
		return at.In(zone).Format("January")
	}

	return at.In(zone).Format("January 2006")
}
