package components

import (
	"slices"
	"strings"
	"unicode"
)

// scriptFamilies are scripts that one word may mix. Cyrillic and Greek are absent,
// because their letters resemble Latin ones.
var scriptFamilies = [][]*unicode.RangeTable{
	{unicode.Latin},
	{unicode.Han, unicode.Hiragana, unicode.Katakana},
	{unicode.Han, unicode.Hangul},
	{unicode.Han, unicode.Bopomofo},
	{unicode.Arabic},
	{unicode.Hebrew},
	{unicode.Devanagari},
	{unicode.Thai},
}

// lookalikeScripts are accepted only below a top-level domain of the same script, as
// in пример.рф.
var lookalikeScripts = [][]*unicode.RangeTable{{unicode.Cyrillic}, {unicode.Greek}}

// isUnambiguous reports whether a host can't be mistaken for another one, because
// each of its labels is in one family of scripts.
func isUnambiguous(host string) bool {
	labels := strings.Split(host, ".")

	top := labels[len(labels)-1]
	for _, label := range labels {
		if !isASCII(label) && !inOneFamily(scriptFamilies, label) && !inOneFamily(lookalikeScripts, label+top) {
			return false
		}
	}

	return true
}

// inOneFamily reports whether all letters of a label belong to one family.
func inOneFamily(families [][]*unicode.RangeTable, label string) bool {
	return slices.ContainsFunc(families, func(tables []*unicode.RangeTable) bool {
		return !strings.ContainsFunc(label, func(r rune) bool {
			isLetter := r > unicode.MaxASCII || unicode.IsLetter(r)
			return isLetter && !unicode.In(r, tables...) && !unicode.Is(unicode.Inherited, r)
		})
	})
}

func isASCII(label string) bool {
	return !strings.ContainsFunc(label, func(r rune) bool { return r > unicode.MaxASCII })
}
