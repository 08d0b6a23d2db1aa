package components

import (
	"fmt"
	"time"

	"parley/app/chat"
)

// RequestRow is a request in a list, as one of its people sees it.
type RequestRow struct {
	chat.Request
	Now  time.Time
	Zone *time.Location
}

// Asked says when a request was made, in words.
func AskedText(at, now time.Time, zone *time.Location) string {
	at, now = at.In(zone), now.In(zone)
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC) }
	switch ago, days := now.Sub(at), int(day(now).Sub(day(at))/(24*time.Hour)); {
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

// month names a month, without the year if it is the present one.
func month(at, now time.Time, zone *time.Location) string {
	if at.In(zone).Year() == now.In(zone).Year() {
		return at.In(zone).Format("January")
	}
	return at.In(zone).Format("January 2006")
}
