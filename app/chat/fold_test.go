package chat

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// TestFoldKnowsTheCaseOfEveryLetter folds every letter of Unicode in its lower,
// upper and title case, composed and decomposed.
func TestFoldKnowsTheCaseOfEveryLetter(t *testing.T) {
	folds := map[string]func(string) string{"Fold": Fold, "FoldName": FoldName}
	cased := []cases.Caser{cases.Upper(language.Und), cases.Lower(language.Und), cases.Title(language.Und)}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			continue
		}

		for name, fold := range folds {
			want := fold(string(r))
			variants := []string{norm.NFD.String(string(r)), norm.NFKC.String(string(r))}
			for _, c := range cased {
				variants = append(variants, c.String(string(r)))
			}
			for _, s := range variants {
				if got := fold(s); got != want && !(name == "FoldName" && strings.ContainsRune(s+string(r), 'ı')) {
					t.Errorf("%s(%q) = %q, but of %U %q it is %q", name, s, got, r, string(r), want)
				}
			}
			if again := fold(want); again != want {
				t.Errorf("%s(%q) = %q: folding again changes it, to %q", name, string(r), want, again)
			}
		}
	}
}

func TestFold(t *testing.T) {
	for s, want := range map[string]string{
		"":                        "",
		"Ståle":                   "stale",
		"ŁUKASZ":                  "lukasz",
		"Đorđe":                   "dorde",
		"Øyvind":                  "oyvind",
		"Straße":                  "strasse",
		"STRAẞE":                  "strasse",
		"İbrahim":                 "ibrahim",
		"ısmail":                  "ismail",
		"Þór":                     "thor",
		"Æsir":                    "aesir",
		"Œuvre":                   "oeuvre",
		"Ħal Għargħur":            "hal gharghur",
		"Ŋaŋa":                    "nana",
		"Nguyễn":                  "nguyen",
		"Zoe\u0308":               "zoe",
		"O’Brien":                 "o'brien",
		"太郎":                      "太郎",
		"Жанна":                   "жанна",
		"ЁЛКА":                    "елка",
		"ΠΑΎΛΟΣ":                  "παυλοσ",
		"παύλος":                  "παυλοσ",
		"ᾼ":                       "αι",
		"ＡＤＡ":                     "ada",
		"ﬁne":                     "fine",
		"한국":                      "한국",
		"ｶﾞ":                      "ガ",
		"สมชาย":                   "สมชาย",
		"น้ำ":                     Fold("น้ำ"),
		"हिन्दी":                  "हिन्दी",
		"מֹשֶׁה":                  "משה",
		"أحمد":                    "احمد",
		"Ann\u2003 \t\nLee ":      "ann lee",
		"Ada\u200bLovelace":       "adalovelace",
		"soft\u00adhyphen":        "softhyphen",
		"A\x00B\x7f":              "ab",
		"Anna–Sophie":             "anna-sophie",
		"בר־לב":                   "בר-לב",
		"`a` “b”":                 `'a' "b"`,
		"❤\ufe0f":                 "❤",
		"a\xff":                   "a\ufffd",
		"\U00010400":              "\U00010428", // Deseret
		"\U0001E900\u0020Ꭰ\u1C90": "\U0001E922 ꭰა",
	} {
		if got := Fold(s); got != want {
			t.Errorf("Fold(%q) = %q, want %q", s, got, want)
		}
	}
}

// TestFoldStart checks that a message costs a bounded amount, also of characters that
// fold to many.
func TestFoldStart(t *testing.T) {
	for _, body := range []string{strings.Repeat("ﷺ", 4000), strings.Repeat("x", 4000), strings.Repeat("é", 501)} {
		if got := FoldStart(body); utf8.RuneCountInString(got) != searchedRunes {
			t.Errorf("FoldStart: got %d code points, want %d", utf8.RuneCountInString(got), searchedRunes)
		}
	}
	if got := FoldStart("Short É"); got != "short e" {
		t.Errorf("FoldStart: got %q", got)
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "Zoë", "ŁÓDŹ", "ﷺ", "\x00", "\xff", "ΠΑΎΛΟΣ ", "İ", "ᾳ\u0345"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		folded := Fold(s)
		if Fold(folded) != folded || !utf8.ValidString(folded) || strings.ContainsRune(folded, 0) {
			t.Errorf("Fold(%q) = %q, and folded again %q", s, folded, Fold(folded))
		}
	})
}

func BenchmarkFoldStart(b *testing.B) {
	for name, s := range map[string]string{
		"ascii":    "See you at the station at six, then?",
		"cyrillic": "Увидимся на вокзале в шесть, да?",
		"worst":    strings.Repeat("ﷺ", 4000),
	} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				FoldStart(s)
			}
		})
	}
}
