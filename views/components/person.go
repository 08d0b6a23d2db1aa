package components

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"parley/app/chat"
)

// Hue is a person's colour, 0 to 11, from their id.
func Hue(id uuid.UUID) int { return int(id[15]) % 12 }

// Initials are the first letters of the first and the last word of a name.
func Initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) })
	switch len(words) {
	case 0:
		return "?"
	case 1:
		return first(words[0])
	}
	return first(words[0]) + first(words[len(words)-1])
}

// FirstName is how one speaks of somebody in a sentence.
func FirstName(name string) string {
	if first, _, ok := strings.Cut(name, " "); ok && utf8.RuneCountInString(first) > 1 {
		return first
	}
	return name
}

func first(word string) string {
	r, _ := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r))
}

// PersonRow is a person in a list of those found, as one viewer sees it.
type PersonRow struct {
	chat.PersonView
	Query string // what was searched
	Next  string // where a form without a script returns to
	Now   time.Time
	Zone  *time.Location
}

// Words say how things stand.
func (r PersonRow) StateText() string {
	switch r.State {
	case chat.StateRequested:
		return AskedText(r.ChangedAt, r.Now, r.Zone)
	case chat.StateIncoming:
		return "Wants to be your friend"
	case chat.StateFriends:
		return "Friends since " + month(r.ChangedAt, r.Now, r.Zone)
	case chat.StateBlocked:
		return "You have blocked " + FirstName(r.Name)
	}
	return "Joined in " + month(r.JoinedAt, time.Time{}, r.Zone)
}

func (r PersonRow) requestPath(what string) string {
	return "/requests/" + r.RequestID.String() + "/" + what
}

// Action is a form of one button.
type Action struct {
	To     string // where it posts
	Person string // a field of the form, if not empty
	Next   string // the page that shows the effect, if not the usual one
	Name   string // the button's
	Icon   string
	Look   string    // "", "primary", "quiet"
	About  uuid.UUID // whose name, elsewhere on the page, describes it; none: it says so itself
	Live   bool      // a script posts it, and the list comes again
}

func (a Action) id() string { return "act-" + a.About.String() + "-" + a.verb() }

// described names the element that holds the person's name, unless the button says it itself.
func (a Action) described() templ.Attributes {
	if a.About == uuid.Nil {
		return nil
	}
	return templ.Attributes{"aria-describedby": "name-" + a.About.String()}
}

// verb is the same for buttons that stand in for each other: the first of each state.
func (a Action) verb() string {
	if a.Name == "Decline" {
		return "no"
	}
	return "yes"
}

// avatarSide is an avatar's side in pixels, so that a picture that comes late moves nothing; avatar.css has the same in rem.
func avatarSide(size string) string {
	switch size {
	case "small":
		return "28"
	case "large":
		return "44"
	case "huge":
		return "72"
	}
	return "36"
}
