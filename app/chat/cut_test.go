package chat

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestCut: a text is never cut within what people take for one character.
func TestCut(t *testing.T) {
	for name, character := range map[string]string{
		"emoji":            "😀",
		"flag":             "🇳🇱",
		"family":           "👩‍👩‍👧",
		"skin tone":        "👍🏽",
		"combining accent": "e\u0301",
		"Devanagari":       "कि",
		"jamo":             "\u1112\u1161\u11ab",
		"keycap":           "1\ufe0f\u20e3",
	} {
		n := utf8.RuneCountInString(character)
		for before := range 12 {
			text := strings.Repeat("a", before) + character + character
			for limit := before; limit < before+2*n; limit++ {
				want := strings.Repeat("a", before) + strings.Repeat(character, (limit-before)/n)
				if limit == 0 || want == "" {
					continue // a first character may be split
				}
				if got := Cut(text, limit); got != want {
					t.Errorf("%s: Cut(%+q, %d): got %+q, want %+q", name, text, limit, got, want)
				}
			}
		}
	}

	for _, tt := range []struct {
		text string
		n    int
		want string
	}{{"", 0, ""}, {"", 5, ""}, {"abc", 0, ""}, {"abc", -1, ""}, {"abc", 3, "abc"}, {"abc", 9, "abc"},
		{"a" + strings.Repeat("\u0301", 100), 3, "a\u0301\u0301"}} {
		if got := Cut(tt.text, tt.n); got != tt.want {
			t.Errorf("Cut(%+q, %d): got %+q, want %+q", tt.text, tt.n, got, tt.want)
		}
	}
}
