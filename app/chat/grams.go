package chat

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// maxGram is the longest n-gram, in code points. Three code points occur in few
// names, which makes an index of them selective.
const maxGram = 3

// NameGrams returns the n-grams of a folded name, by which an index finds the names
// that contain a text, in any script: all runs of two and three code points. A run of
// one counts if it is the whole name, or a letter of which a surname may consist.
func NameGrams(folded string) []string {
	runes := []rune(folded)
	grams := []string{}
	for i := range runes {
		if len(runes) == 1 || isWord(runes[i]) {
			grams = append(grams, string(runes[i]))
		}
		for n := 2; n <= maxGram && i+n <= len(runes); n++ {
			grams = append(grams, string(runes[i:i+n]))
		}
	}
	slices.Sort(grams)
	return slices.Compact(grams)
}

// QueryGrams returns n-grams that every name has which contains the folded text, the
// longest ones. A single letter finds the name that consists of it, and in a script of
// isWord also the names that contain it. The empty text has none.
func QueryGrams(folded string) []string {
	runes := []rune(folded)
	n := min(len(runes), maxGram)
	grams := []string{}
	for i := 0; n > 0 && i+n <= len(runes); i++ {
		grams = append(grams, string(runes[i:i+n]))
	}
	slices.Sort(grams)
	return slices.Compact(grams)
}

// FindsOnlyWholeNames reports whether a query is a single letter that may only be
// somebody's whole name. Two letters find a part of a name.
func FindsOnlyWholeNames(query string) bool {
	folded := Fold(query)
	r, size := utf8.DecodeRuneInString(folded)
	return size == len(folded) && !isWord(r)
}

// isWord reports whether a character may be a name or a word by itself.
func isWord(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Yi)
}
