package components

import (
	"net/url"
	"strings"
	"time"
)

// ListTime is when a conversation last moved, in UTC and in as few characters as will do; a script makes it local.
func ListTime(at, now time.Time) string {
	at, now = at.UTC(), now.UTC()
	switch days := now.Truncate(24*time.Hour).Sub(at.Truncate(24*time.Hour)) / (24 * time.Hour); {
	case days <= 0:
		return at.Format("15:04")
	case days == 1:
		return "Yesterday"
	case days < 7:
		return at.Format("Mon")
	case at.Year() == now.Year():
		return at.Format("2 Jan")
	}
	return at.Format("2 Jan 2006")
}

// OneLine shortens a message for the list.
func OneLine(body string) string {
	const most = 120
	runes := []rune(strings.Join(strings.Fields(body), " "))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}

// MorePath continues the list.
func MorePath(next, filter string) string {
	q := url.Values{"page": {next}}
	if filter != "" {
		q.Set("q", filter)
	}
	return "/conversations?" + q.Encode()
}
