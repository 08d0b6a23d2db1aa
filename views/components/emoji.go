package components

// EmojiOnly reports whether a message consists of at most three emoji, and blanks
// between them. They are shown large.
func (r MessageRow) EmojiOnly() bool {
	const maxBytes, maxEmoji = 120, 3 // longer texts are not scanned
	if len(r.Body) > maxBytes {
		return false
	}

	emoji, flagLetters, before := 0, 0, rune(0)

	for _, c := range r.Body {
		switch {
		case isEmojiModifier(c):
			if emoji+flagLetters == 0 {
				return false
			}
		case c == ' ' || c == '\n':
		case isFlagLetter(c):
			flagLetters++
		case isEmoji(c):
			if before != zeroWidthJoiner { // joined emoji are one
				emoji++
			}
		default:
			return false
		}

		before = c
	}

	emoji += (flagLetters + 1) / 2
	return emoji > 0 && emoji <= maxEmoji
}

const zeroWidthJoiner = 0x200D

// isEmojiModifier reports whether a code point belongs to the emoji before it: a
// joiner, a variation selector, a skin tone, or a tag.
func isEmojiModifier(c rune) bool {
	return c == zeroWidthJoiner || c == 0xFE0F || c >= 0x1F3FB && c <= 0x1F3FF || c >= 0xE0020 && c <= 0xE007F
}

// isFlagLetter reports whether a code point is a regional indicator; two are a flag.
func isFlagLetter(c rune) bool { return c >= 0x1F1E6 && c <= 0x1F1FF }

func isEmoji(c rune) bool {
	return c >= 0x1F000 && c <= 0x1FAFF || c >= 0x231A && c <= 0x23FF || c >= 0x2600 && c <= 0x27BF || c >= 0x2B00 && c <= 0x2BFF
}
