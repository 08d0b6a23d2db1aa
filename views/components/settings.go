package components

import (
	_ "embed"
	"strings"
)

//go:embed zones.txt
var zones string // the zones of IANA's zone.tab, one for every place that a country tells apart, and UTC

// Zones are the time zones to choose from. Others of IANA's names are understood too.
func Zones() []string { return strings.Fields(zones) }

// Saving is how the last change of a section went.
type SaveResult struct {
	Section string // whose heading has this id
	Problem string // a sentence, when it was refused; "": it was saved
}

// Said is what to tell at a section, "" for nothing.
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
