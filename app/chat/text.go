package chat

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"
)

// Limits of the texts that people write.
const (
	MaxBodyRunes = 4000  // code points
	MaxBodyBytes = 16000 // bytes of UTF-8
	MaxNameRunes = 60    // code points
)

// NormalizeBody turns CRLF into LF. It returns an Invalid error for the field body
// when nothing of the text is visible, it is too long or not UTF-8, or it has a NUL,
// which Postgres can't store.
func NormalizeBody(s string) (string, error) {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", Invalid("body", "This text has characters that can’t be kept. Nothing is lost: it stays here.")
	}

	s = normalizeLineEnds(s)
	if !strings.ContainsFunc(s, isSeen) {
		return "", Invalid("body", "Write something first.")
	}

	const tooLong = "Too long to send. Nothing is lost: it stays here. "
	if n := utf8.RuneCountInString(s); n > MaxBodyRunes {
		return "", Invalid("body", fmt.Sprintf(tooLong+"%d too many.", n-MaxBodyRunes))
	}

	if n := len(s); n > MaxBodyBytes {
		return "", Invalid("body", fmt.Sprintf(tooLong+"%d bytes too many.", n-MaxBodyBytes))
	}

	return s, nil
}

// normalizeLineEnds ends every line with LF alone. It removes all CRs before an LF,
// so that a normalised text stays the same when it is normalised again: the message's
// id derives from it.
func normalizeLineEnds(s string) string {
	if !strings.Contains(s, "\r\n") {
		return s
	}
	lines := strings.Split(s, "\n")
	for i := range len(lines) - 1 {
		lines[i] = strings.TrimRight(lines[i], "\r")
	}
	return strings.Join(lines, "\n")
}

// NormalizeName trims and composes (NFC) a person's name, and turns every run of
// white space into one space. It returns an Invalid error for the field name when the
// name is too long, has no letter or digit, has control or direction characters,
// characters that nobody sees or too many marks on a letter, or is DeletedName.
func NormalizeName(s string) (string, error) { return normalizeName(s, MaxNameRunes) }

func normalizeName(s string, maxRunes int) (string, error) {
	if !utf8.ValidString(s) {
		return "", Invalid("name", "A name needs at least one letter.")
	}

	s = compose(withoutEmojiStyle(s))
	switch n := utf8.RuneCountInString(s); {
	case strings.ContainsFunc(s, forbiddenInName):
		return "", Invalid("name", "A name can’t have control characters in it.")
	case s != dropUnseen(s):
		return "", Invalid("name", "A name can’t have invisible characters in it.")
	case s != dropStackedMarks(s):
		return "", Invalid("name", fmt.Sprintf("A letter of a name can have %d accents at most.", maxStackedMarks))
	case !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		return "", Invalid("name", "A name needs at least one letter.")
	case n > maxRunes:
		return "", Invalid("name", fmt.Sprintf("A name can have %d characters; this one has %d.", maxRunes, n))
	case FoldName(s) == FoldName(DeletedName):
		return "", Invalid("name", "This is what a deleted account is called. Choose another name.")
	}

	return s, nil
}

// SuggestName derives a valid name from a provider's, without what NormalizeName
// rejects. The person is asked to confirm it.
func SuggestName(s string) string {
	s = strings.Map(func(r rune) rune {
		if forbiddenInName(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = Cut(compose(dropStackedMarks(dropUnseen(compose(s)))), MaxNameRunes)

	// The cut may have taken what a joiner joins.
	if name, err := NormalizeName(dropUnseen(s)); err == nil {
		return name
	}

	return "Someone new"
}

// Cut returns the beginning of a text, at most n code points, without splitting what
// people take for one character (a grapheme cluster). Only a first character that is
// longer is split.
func Cut(text string, n int) string {
	end, count, state := 0, 0, -1
	for rest := text; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if count += utf8.RuneCountInString(cluster); count > n {
			break
		}
		end += len(cluster)
	}

	if end == 0 && n > 0 && text != "" {
		return string([]rune(text)[:n])
	}
	return text[:end]
}

// withoutEmojiStyle removes the variation selectors that keyboards add to symbols.
func withoutEmojiStyle(s string) string {
	symbol := false
	return strings.Map(func(r rune) rune {
		if symbol && (r == '\ufe0e' || r == '\ufe0f') {
			return -1
		}
		symbol = unicode.Is(unicode.So, r)
		return r
	}, s)
}

// compose returns the text in NFC, with one space for every run of white space.
func compose(s string) string { return norm.NFC.String(strings.Join(strings.Fields(s), " ")) }

// forbiddenInName matches control and direction characters, and the line and
// paragraph separators.
func forbiddenInName(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}
