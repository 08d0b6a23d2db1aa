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
				t.Fatalf("%q: %v, and %q", s, err, body)
			}

			return
		}

		if again, err := NormalizeBody(body); err != nil || again != body {
			t.Errorf("%q became %q, and that %q, %v: a retry would be another message", s, body, again, err)
		}

		if !utf8.ValidString(body) || strings.Contains(body, "\r\n") || strings.ContainsRune(body, 0) ||
			len(body) > MaxBodyBytes || utf8.RuneCountInString(body) > MaxBodyRunes {
			t.Errorf("%q became %q", s, body)
		}

		if strings.ReplaceAll(body, "\r", "") != strings.ReplaceAll(s, "\r", "") {
			t.Errorf("%q became %q: more than line ends changed", s, body)
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
	} {
		f.Add(s)
	}

	f.Fuzz(func(t *testing.T, s string) {
		if name, err := NormalizeName(s); err == nil {
			if again, err := NormalizeName(name); err != nil || again != name {
				t.Errorf("%q became %q, and that %q, %v", s, name, again, err)
			}

			if FoldName(name) != FoldName(norm.NFD.String(name)) {
				t.Errorf("%q is two accounts, by how it is composed", name)
			}
		}

		suggested := SuggestName(s)
		if name, err := NormalizeName(suggested); err != nil || name != suggested {
			t.Errorf("of %q comes %q, which wouldn't be taken: %q, %v", s, suggested, name, err)
		}
	})
}
