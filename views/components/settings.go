package components

import (
	_ "embed"
	"strings"
)

//go:embed zones.txt
var zones string // the names of IANA's zone.tab, and UTC

// Zones returns the time zones to choose from. Other IANA names are accepted, too.
func Zones() []string { return strings.Fields(zones) }

// SaveResult is the result of the last change on the account page.
type SaveResult struct {
	Section string // the id of the changed section's heading
	Problem string // a sentence for the person; "" after a success
}

// Text returns the result for one section, or "" if another one was changed.
func (s SaveResult) Text(section string) string {
	switch {
	case s.Section != section:
		return ""
	case s.Problem != "":
		return s.Problem
	case section == "sessions":
		return "Signed out there"
	}

	return "Saved"
}
