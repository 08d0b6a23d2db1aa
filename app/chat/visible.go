package chat

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/rangetable"
)

// maxStackedMarks is how many marks may stand on one letter of a name. No script needs
// more; more would paint over what is above and below.
const maxStackedMarks = 4

// unseen has the code points that show nothing, beside white space, controls and the
// format characters (Cf): the rest of Unicode's Default_Ignorable_Code_Point, and
// characters whose glyph is blank.
var unseen = rangetable.Merge(
	unicode.Other_Default_Ignorable_Code_Point, // with the Hangul fillers
	unicode.Variation_Selector,
	unicode.Noncharacter_Code_Point,
	rangetable.New(
		'\u2800',     // braille pattern blank
		'\ufffc',     // object replacement character
		'\U00016fe4', // Khitan small script filler
		'\U0001d159', // musical symbol null notehead
	),
)

// IsUnseen reports whether a character shows nothing, and is neither white space nor a
// control: names have none, except where joiners matter.
func IsUnseen(r rune) bool {
	return unicode.Is(unseen, r) || unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// isSeen reports whether a character is visible by itself. A mark needs a base.
func isSeen(r rune) bool {
	return !IsUnseen(r) && !unicode.IsSpace(r) && !unicode.IsControl(r) && !unicode.IsMark(r)
}

const (
	zwnj = '\u200c' // zero width non-joiner
	zwj  = '\u200d' // zero width joiner
)

func isJoiner(r rune) bool { return r == zwnj || r == zwj }

// joiners checks words as RFC 5892 does (CONTEXTJ): a joiner stands after a virama, or
// between two letters of a script whose letters join.
var joiners = idna.New(idna.CheckJoiners(true))

// dropUnseen removes from a name what nobody can see: joiners that change nothing, and
// all other characters of that kind. A symbol needs no variation selector.
func dropUnseen(name string) string {
	name = strings.Map(func(r rune) rune {
		if IsUnseen(r) && !isJoiner(r) {
			return -1
		}
		return r
	}, name)
	if !strings.ContainsFunc(name, isJoiner) {
		return name
	}

	var b strings.Builder
	for len(name) > 0 {
		n := strings.IndexFunc(name, func(r rune) bool { return !isInWord(r) })
		switch {
		case n < 0:
			n = len(name)
		case n == 0: // up to the next word
			if n = strings.IndexFunc(name, isInWord); n < 0 {
				n = len(name)
			}
		}
		b.WriteString(dropJoiners(name[:n]))
		name = name[n:]
	}
	return b.String()
}

func isInWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || isJoiner(r) }

// dropJoiners removes the joiners from a word in which one of them changes nothing.
func dropJoiners(word string) string {
	if _, err := joiners.ToUnicode(strings.ToLower(word)); err == nil {
		return word
	}
	return strings.Map(func(r rune) rune {
		if isJoiner(r) {
			return -1
		}
		return r
	}, word)
}

// dropStackedMarks removes the marks that are too many on one letter.
func dropStackedMarks(name string) string {
	stacked := 0
	return norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me):
			if stacked++; stacked > maxStackedMarks {
				return -1
			}
		case !unicode.Is(unicode.Mc, r): // a spacing mark continues the letter
			stacked = 0
		}
		return r
	}, norm.NFD.String(name)))
}
