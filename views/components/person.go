package components

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
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
