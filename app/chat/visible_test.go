package chat

import (
	"strings"
	"testing"
	"unicode"
)

// unseenCharacters show nothing by themselves.
var unseenCharacters = []string{
	"\u00ad", "\u034f", "\u061c", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u180b", "\u180e", "\u180f",
	"\u200b", "\u200e", "\u200f", "\u202a", "\u202e", "\u2060", "\u2061", "\u2064", "\u2065", "\u2066", "\u206a",
	"\u206f", "\u2800", "\u3164", "\ufe00", "\ufe0f", "\ufeff", "\uffa0", "\ufff0", "\ufff9", "\ufffb", "\ufffc",
	"\uffff", "\U00016fe4", "\U0001bca0", "\U0001d159", "\U0001d173", "\U0001d17a", "\U000e0001", "\U000e0020",
	"\U000e007f", "\U000e0100", "\U000e01ef", "\U000e0fff", "\U0001fffe",
}

// onlySpace shows nothing either, and is trimmed from names.
var onlySpace = []string{"", " ", "\n\t", "\u00a0", "\u2003", "\u2028", "\u205f", "\u3000", "\u1680", "\u0085"}

// loneMarks have no base that they stand on.
var loneMarks = []string{"\u0301", "\u0301\u0316", "\u20dd", "\u20e3", "\u0903", "\u0e31", " \u0308", "\u200b\u0301"}

// TestNothingVisible: a name or a message of nothing that anybody sees is refused.
func TestNothingVisible(t *testing.T) {
	texts := append(append(unseenCharacters[:len(unseenCharacters):len(unseenCharacters)], onlySpace...), loneMarks...)
	texts = append(texts, "\u200c", "\u200d", "\u200d\u200d", " \u3164 \u2800\ufe0f", strings.Repeat("\u3164", 60))
	for _, text := range texts {
		if name, err := NormalizeName(text); KindOf(err) != KindInvalid {
			t.Errorf("name %+q: got %+q, %v, want Invalid", text, name, err)
		}
		if body, err := NormalizeBody(text); KindOf(err) != KindInvalid {
			t.Errorf("body %+q: got %+q, %v, want Invalid", text, body, err)
		}
		if got := SuggestName(text); got != "Someone new" {
			t.Errorf("suggested for %+q: got %+q, want none of it", text, got)
		}
	}
}

// TestUnseenInNames: a name with something that nobody sees in it would look like another
// name. A provider's is repaired.
func TestUnseenInNames(t *testing.T) {
	for _, text := range append(unseenCharacters[:len(unseenCharacters):len(unseenCharacters)], "\u200c", "\u200d") {
		for _, name := range []string{"Tw" + text + "in", "Twin" + text, text + "Twin", "T" + text + text + "win"} {
			if got, err := NormalizeName(name); KindOf(err) != KindInvalid {
				t.Errorf("%+q: got %+q, %v, want Invalid", name, got, err)
			}
			if got := strings.ReplaceAll(SuggestName(name), " ", ""); got != "Twin" {
				t.Errorf("suggested for %+q: got %+q, want Twin", name, got)
			}
		}
		if body, err := NormalizeBody("Tw" + text + "in"); err != nil || body != "Tw"+text+"in" {
			t.Errorf("body with %+q: got %+q, %v, want it unchanged", text, body, err)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]struct{ normal, suggested string }{
		"  Ada \t Lovelace ":               {"Ada Lovelace", "Ada Lovelace"},
		"Ada ❤\ufe0f":                      {"Ada ❤", "Ada ❤"}, // a keyboard adds the selector
		"👩\u200d💻 Ada":                     {"", "👩💻 Ada"},
		"می\u200cخواهم":                    {"می\u200cخواهم", "می\u200cخواهم"}, // between joining letters
		"علی\u200c":                        {"", "علی"},                        // at the end
		"آ\u200cب":                         {"", "آب"},                         // after a letter that doesn't join
		"क्\u200dष":                        {"क्\u200dष", "क्\u200dष"},         // after a virama
		"അരവിന്ദന്\u200d":                  {"അരവിന്ദന്\u200d", "അരവിന്ദന്\u200d"},
		"क\u200dष":                         {"", "कष"},
		"Nguyễn Thị Ánh":                   {"Nguyễn Thị Ánh", "Nguyễn Thị Ánh"},
		"ကြို့ဆို":                         {"ကြို့ဆို", "ကြို့ဆို"},
		"யாழினி":                           {"யாழினி", "யாழினி"},
		"שָׁלוֹם":                          {"שָׁלוֹם", "שָׁלוֹם"},
		"H\u0316\u0317\u0318\u0319":        {"H\u0316\u0317\u0318\u0319", "H\u0316\u0317\u0318\u0319"},
		"H\u0316\u0317\u0318\u0319\u031c":  {"", "H\u0316\u0317\u0318\u0319"},
		"a" + strings.Repeat("\u0301", 5):  {"", "á\u0301\u0301\u0301"},
		"H" + strings.Repeat("\u0300", 58): {"", "H\u0300\u0300\u0300\u0300"},
		"deleted PERSON":                   {"", "Someone new"},
		" Deleted\u00a0\u3000person":       {"", "Someone new"},
		"Ｄｅｌｅｔｅｄ ｐｅｒｓｏｎ":                   {"", "Someone new"},
		"Deleted\u200b person":             {"", "Someone new"},
		"Deleted persons":                  {"Deleted persons", "Deleted persons"},
		"Q":                                {"Q", "Q"},
		"42":                               {"42", "42"},
		"---":                              {"", "Someone new"},
		"a\u2028b":                         {"a b", "a b"},
		"a\x07b":                           {"", "a b"},
		"\u202eadA":                        {"", "adA"},
		strings.Repeat("a", MaxNameRunes):  {strings.Repeat("a", MaxNameRunes), strings.Repeat("a", MaxNameRunes)},
		strings.Repeat("a", MaxNameRunes-1) + "\u0628\u200c\u0628": {"", strings.Repeat("a", MaxNameRunes-1)},
	} {
		got, err := NormalizeName(name)
		if got != want.normal || (err == nil) != (want.normal != "") {
			t.Errorf("%+q: got %+q, %v, want %+q", name, got, err, want.normal)
		}
		if got := SuggestName(name); got != want.suggested {
			t.Errorf("suggested for %+q: got %+q, want %+q", name, got, want.suggested)
		}
	}
}

// seenProperty checks what holds of every name: a letter or digit is seen, nothing unseen
// is in it but joiners that matter, and no marks are piled up.
func seenProperty(t *testing.T, name string) {
	t.Helper()
	if !strings.ContainsFunc(name, func(r rune) bool { return isSeen(r) && (unicode.IsLetter(r) || unicode.IsDigit(r)) }) {
		t.Errorf("%+q: got no visible letter", name)
	}
	before := rune(0)
	for _, r := range name {
		if IsUnseen(r) && !isJoiner(r) || isJoiner(r) && !unicode.In(before, unicode.L, unicode.M) {
			t.Errorf("%+q: got an unseen %+q", name, r)
		}
		before = r
	}
	if name != dropStackedMarks(name) || FoldName(name) == FoldName(DeletedName) {
		t.Errorf("%+q: got a name that must not be taken", name)
	}
}
