package chat

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func FuzzNormalizeBody(f *testing.F) {
	for _, s := range []string{
		"",
		"hi",
		" \n",
		"a\r\nb",
		"a\r\r\nb",
		"\r",
		"a\x00b",
		"a\xffb",
		"שלום 🎹",
		"\u200b",
		strings.Repeat("é", MaxBodyRunes+1),
		strings.Repeat("🎹", MaxBodyRunes),
	} {
		f.Add(s)
	}

	f.Fuzz(func(t *testing.T, s string) {
		body, err := NormalizeBody(s)
		if err != nil {
			if KindOf(err) != KindInvalid || body != "" {
				t.Fatalf("%q: got %q, %v, want Invalid", s, body, err)
			}

			return
		}

		if again, err := NormalizeBody(body); err != nil || again != body {
			t.Errorf("%q: got %q, normalized again %q, %v, want no change", s, body, again, err)
		}

		if !utf8.ValidString(body) || strings.Contains(body, "\r\n") || strings.ContainsRune(body, 0) ||
			len(body) > MaxBodyBytes || utf8.RuneCountInString(body) > MaxBodyRunes {
			t.Errorf("%q: got invalid body %q", s, body)
		}

		if !strings.ContainsFunc(body, isSeen) {
			t.Errorf("%q: got %q, of which nothing is seen", s, body)
		}

		if strings.ReplaceAll(body, "\r", "") != strings.ReplaceAll(s, "\r", "") {
			t.Errorf("%q: got %q, want a change of line ends only", s, body)
		}
	})
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{
		"",
		"Ada",
		"  Ada \t Lovelace\n",
		"A\u0301da",
		"\u202eadA",
		"---",
		"\u0000",
		"a\xff",
		strings.Repeat("ä", MaxNameRunes+1),
		"אבג",
		"ﬁ",
		"Å",
		"a\u2028b",
		"\u0344a",
		"１２",
		"İ",
		"\u3164",
		"a\u200cb",
		"क्\u200dष",
		"\u0628\u200c\u0628",
		"H\u0300\u0300\u0300\u0300\u0300",
		"Deleted person",
	} {
		f.Add(s)
	}

	f.Fuzz(func(t *testing.T, s string) {
		if name, err := NormalizeName(s); err == nil {
			if again, err := NormalizeName(name); err != nil || again != name {
				t.Errorf("%q: got %q, normalized again %q, %v, want no change", s, name, again, err)
			}

			seenProperty(t, name)
			if FoldName(name) != FoldName(norm.NFD.String(name)) {
				t.Errorf("FoldName(%q): got another result for the decomposed form", name)
			}
		}

		suggested := SuggestName(s)
		if name, err := NormalizeName(suggested); err != nil || name != suggested {
			t.Errorf("SuggestName(%q): got %q, normalized %q, %v, want a valid name", s, suggested, name, err)
		}

		seenProperty(t, suggested)
	})
}
