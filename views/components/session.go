package components

import (
	"fmt"
	"time"
	"unicode"

	"github.com/mileusna/useragent"

	"parley/app/chat"
)

// SessionRow is a session as its owner sees it.
type SessionRow struct {
	chat.Session
	Current  bool   // the session of this browser
	LastUsed string // for people, such as "20 minutes ago"
	Since    string // when it was signed in, for people; it tells two of the same browser apart
}

// Text tells when the session was used and signed in.
func (s SessionRow) Text() string { return "Used " + s.LastUsed + ", signed in " + s.Since }

// SinceText names the day and the time of a sign-in.
func SinceText(at time.Time, zone *time.Location) string {
	return at.In(zone).Format("2 January 2006, 15:04")
}

// BrowserName names the browser of a User-Agent header: "Firefox on Linux", "Safari
// on iPhone".
func BrowserName(agent string) string {
	ua := useragent.Parse(agent)

	name, on := ua.Name, ua.OS
	if ua.IsIOS() && ua.Device != "" {
		on = ua.Device
	}

	letters := 0

	for _, r := range name {
		if unicode.IsLetter(r) {
			letters++
		}
	}

	switch {
	case letters < 2:
		return "An unknown device"
	case on == "":
		return name
	}

	return name + " on " + on
}

// deviceIcon names the icon for a User-Agent header.
func deviceIcon(agent string) string {
	if ua := useragent.Parse(agent); ua.Mobile || ua.Tablet {
		return "phone"
	}

	return "laptop"
}

// LastUsedText tells when a session was last used, which is known to the minute.
func LastUsedText(at, now time.Time, zone *time.Location) string {
	at, now = at.In(zone), now.In(zone)

	ago := now.Sub(at)
	switch {
	case ago < 2*time.Minute:
		return "now"
	case ago < time.Hour:
		return fmt.Sprintf("%d minutes ago", int(ago.Minutes()))
	case ago < 2*time.Hour:
		return "an hour ago"
	case at.Format(time.DateOnly) == now.Format(time.DateOnly):
		return fmt.Sprintf("%d hours ago", int(ago.Hours()))
	case at.Format(time.DateOnly) == now.AddDate(0, 0, -1).Format(time.DateOnly):
		return "yesterday"
	case at.Year() == now.Year():
		return at.Format("2 January")
	}

	return at.Format("2 January 2006")
}
