package components

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"parley/app/chat"
)

// Hue returns a person's colour, 0 to 11, from their id.
func Hue(id uuid.UUID) int { return int(id[15]) % 12 }

// Initials returns the first letters of a name's first and last word.
func Initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
	})
	switch len(words) {
	case 0:
		return "?"
	case 1:
		return initial(words[0])
	}

	return initial(words[0]) + initial(words[len(words)-1])
}

func initial(word string) string {
	r, _ := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r))
}

// FirstName returns the name for use in a sentence. It is the whole name if the
// first word has only one letter.
func FirstName(name string) string {
	if first, _, ok := strings.Cut(name, " "); ok && utf8.RuneCountInString(first) > 1 {
		return first
	}

	return name
}

// PersonPath returns the address of a person's card.
func PersonPath(id uuid.UUID) string { return "/people/" + id.String() }

// PersonRow is a person in the results of a search or on their card, as the viewer sees
// them.
type PersonRow struct {
	chat.PersonView
	Query string // of the search
	Look  string // of the button that is the usual one: "" or "primary"
	Next  string // the page after an action, without scripts
	Now   time.Time
	Zone  *time.Location
}

// StateText tells the viewer's relation to the person.
func (r PersonRow) StateText() string {
	switch r.State {
	case chat.StateRequested:
		return AskedText(r.ChangedAt, r.Now, r.Zone)
	case chat.StateIncoming:
		return "Wants to be your friend"
	case chat.StateFriends:
		return "Friends since " + monthText(r.ChangedAt, r.Now, r.Zone)
	case chat.StateBlocked:
		return "You have blocked " + FirstName(r.Name)
	}

	return "Joined in " + monthText(r.JoinedAt, time.Time{}, r.Zone)
}

// CardText tells the viewer's relation to the person with its day.
func (r PersonRow) CardText() string {
	switch r.State {
	case chat.StateFriends:
		return "Friends since " + r.ChangedAt.In(r.Zone).Format("2 January 2006")
	case chat.StateSelf:
		return "This is how others see you"
	}

	return r.StateText()
}

// action returns a button of the row, which a script posts.
func (r PersonRow) action(to, name, look string) Action {
	return Action{To: to, Next: r.Next, Name: name, About: r.ID, Look: look, Live: true}
}

func (r PersonRow) requestPath(verb string) string {
	return "/requests/" + r.RequestID.String() + "/" + verb
}

// avatarPixels returns the side of an avatar, so that a picture that loads later moves
// nothing. avatar.css has the same sizes in rem.
func avatarPixels(size string) string {
	switch size {
	case "small":
		return "28"
	case "large":
		return "44"
	case "huge":
		return "72"
	case "vast":
		return "128"
	}

	return "36"
}
