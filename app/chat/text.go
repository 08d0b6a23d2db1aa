package chat

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of what people write.
const (
	MaxBodyRunes = 4000  // code points
	MaxBodyBytes = 16000 // of UTF-8
	MaxNameRunes = 60
)

// NormalizeBody turns CRLF into LF and refuses, with an Invalid error for the field body, what is blank, too long, not UTF-8,
// or holds a NUL (which Postgres can't keep).
func NormalizeBody(s string) (string, error) {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", Invalid("body", "This text has characters that can’t be kept. Nothing is lost: it stays here.")
	}
	s = lines(s)
	if blank(s) {
		return "", Invalid("body", "Write something first.")
	}
	if n := utf8.RuneCountInString(s); n > MaxBodyRunes {
		return "", Invalid("body", fmt.Sprintf("Too long to send. Nothing is lost: it stays here. %d too many.", n-MaxBodyRunes))
	}
	if n := len(s); n > MaxBodyBytes {
		return "", Invalid("body", fmt.Sprintf("Too long to send. Nothing is lost: it stays here. %d bytes too many.", n-MaxBodyBytes))
	}
	return s, nil
}

// lines ends every line with LF alone. Several CRs before one go too: what is normalised stays as it is when it is normalised again, since a
// message's id comes from it.
func lines(s string) string {
	if !strings.Contains(s, "\r\n") {
		return s
	}
	all := strings.Split(s, "\n")
	for i := range len(all) - 1 {
		all[i] = strings.TrimRight(all[i], "\r")
	}
	return strings.Join(all, "\n")
}

// NormalizeName trims and composes (NFC) a person's name, with every run of space one space. A name has at least one letter or digit and no control
// or direction characters; else an Invalid error for the field name.
func NormalizeName(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", Invalid("name", "A name needs at least one letter.")
	}
	s = norm.NFC.String(strings.Join(strings.Fields(s), " "))
	letters := 0
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters++
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return "", Invalid("name", "A name can’t have control characters in it.")
		}
	}
	if letters == 0 {
		return "", Invalid("name", "A name needs at least one letter.")
	}
	if n := utf8.RuneCountInString(s); n > MaxNameRunes {
		return "", Invalid("name", fmt.Sprintf("A name can have %d characters; this one has %d.", MaxNameRunes, n))
	}
	return s, nil
}

// SuggestName makes a name of what a provider says: what NormalizeName would refuse is left out. Its person is asked to confirm it.
func SuggestName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	runes := []rune(norm.NFC.String(strings.Join(strings.Fields(s), " ")))
	if name, err := NormalizeName(string(runes[:min(len(runes), MaxNameRunes)])); err == nil {
		return name
	}
	return "Someone new"
}

// FoldName is the form under which two spellings of a name are the same account in the development sign-in: NFKC, lower case.
func FoldName(name string) string { return strings.ToLower(norm.NFKC.String(name)) }

// blank tells a text in which nothing would be seen.
func blank(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) && !unicode.IsControl(r) {
			return false
		}
	}
	return true
}
