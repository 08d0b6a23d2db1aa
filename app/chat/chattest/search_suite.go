package chattest

import (
	"fmt"
	"testing"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"parley/app/chat"
)

// casedNames has a name in each script that has upper and lower case, and names whose
// letters have more than two forms, or another number of letters in the other case.
var casedNames = map[string]string{
	"Latin":           "Żaneta Őrsi",
	"Latin ß":         "Weißmüller Groß",
	"Latin ligatures": "Ǆordan ﬁnn",
	"Turkish":         "Işık İnci",
	"Greek":           "Παύλος Οδυσσεύς",
	"Greek iota":      "ᾼδης Ῥῴδιος",
	"Cyrillic":        "Жанна Ёлкина",
	"Ukrainian":       "Ґалаґан Їжак",
	"Armenian":        "Արև Սևակ",
	"Georgian":        "თამარ მეფე",
	"Cherokee":        "ᏣᎳᎩ ᎤᏪᏘ",
	"Coptic":          "Ⲡⲁⲭⲱⲙ Ⲙⲏⲛⲁ",
	"Glagolitic":      "Ⰽⱁⱀⱄⱅⰰⱀⱅⰹⱀ Ⰼⱏⰲⱏ",
	"Deseret":         "𐐐𐐸𐐹 𐐑𐑀",
	"Osage":           "𐒰𐓘𐓙 𐒱𐓚",
	"Vithkuqi":        "𐕰𐖗𐖘 𐕱𐖙",
	"Old Hungarian":   "𐲀𐳁𐳂 𐲁𐳃",
	"Warang Citi":     "𑢠𑣁𑣂 𑢡𑣃",
	"Medefaidrin":     "𖹀𖹡𖹢 𖹁𖹣",
	"Adlam":           "𞤀𞤣𞤤 𞤁𞤥",
}

// testCases: people and conversations are found in any case, whatever the locale of
// the database.
func testCases(t *testing.T, s chat.Store) {
	me := account(t, s, "Viewer")
	for script, name := range casedNames {
		friend := account(t, s, name)
		silent := account(t, s, "Friend "+script)
		storeMessages(t, s, openDirect(t, s, me, friend), newMessage(friend, openDirect(t, s, me, friend), "word", 0))
		storeMessages(t, s, openDirect(t, s, me, silent), newMessage(me, openDirect(t, s, me, silent), name, 0))
	}

	for script, name := range casedNames {
		for _, text := range []string{
			name,
			cases.Lower(language.Und).String(name),
			cases.Upper(language.Und).String(name),
			cases.Title(language.Und).String(name),
			norm.NFD.String(name),
			chat.Fold(name),
		} {
			people, err := s.SearchPeople(ctx, me.ID, text, noon, 20)
			if err != nil || len(people) != 1 || people[0].Name != name {
				t.Errorf("%s: search for %q: got %+v, %v, want %q", script, text, people, err, name)
			}

			page, err := s.Conversations(ctx, me.ID, chat.ConversationQuery{Filter: text, Limit: 50})
			if err != nil || len(page.Conversations) != 2 {
				t.Errorf("%s: filter %q: got %d conversations, %v, want that with the person and that with the text",
					script, text, len(page.Conversations), err)
			}
		}
	}
}

// testPlainLetters: a keyboard without accents and special letters finds everybody.
func testPlainLetters(t *testing.T, s chat.Store) {
	me := account(t, s, "Viewer")
	for text, name := range map[string]string{
		"stale":         "Ståle",
		"lukasz":        "Łukasz",
		"dorde":         "Đorđe",
		"oyvind":        "Øyvind",
		"strasse":       "Straße",
		"ibrahim":       "İbrahim",
		"ismail":        "ısmail",
		"thor":          "Þór",
		"aesir":         "Æsir",
		"nguyen":        "Nguyễn",
		"zoe":           "Zoë",
		"ahmed o'brien": "Ahmed O’Brien",
		"o’neill":       "Sean O'Neill",
		"太郎":            "山田太郎",
		"елка":          "Ёлка",
		"ħal":           "Hal",
		"anna-sophie":   "Anna‐Sophie",
		"משה":           "מֹשֶׁה",
		"adalovelace":   "Ada\u200dLovelace",
	} {
		account(t, s, name)
		people, err := s.SearchPeople(ctx, me.ID, text, noon, 20)
		if err != nil || len(people) != 1 || people[0].Name != name {
			t.Errorf("search for %q: got %+v, %v, want %q", text, people, err, name)
		}
	}
}

// testShortNames: a name of one letter can be found, and one letter finds a part of a
// name in the scripts in which it may be a name.
func testShortNames(t *testing.T, s chat.Store) {
	me := account(t, s, "Viewer")
	for _, name := range []string{"龘", "Q", "김", "김민수", "山田 太郎", "Quentin", "Å", "あい", "Ж", "Жанна"} {
		account(t, s, name)
	}

	for text, want := range map[string][]string{
		"龘":  {"龘"},
		"q":  {"Q"},
		"Q":  {"Q"},
		"김":  {"김", "김민수"},
		"수":  {"김민수"},
		"田":  {"山田 太郎"},
		"い":  {"あい"},
		"a":  {"Å"},
		"ж":  {"Ж"},
		"qu": {"Quentin"},
		"e":  {},
		"":   {},
	} {
		people, err := s.SearchPeople(ctx, me.ID, text, noon, 20)
		names := []string{}
		for _, p := range people {
			names = append(names, p.Name)
		}
		wantNames(t, text, names, err, want)
	}
}

// testFilterSpaces: the filter finds what the list shows, where each run of white
// space is one space. It searches only the beginning of a long message.
func testFilterSpaces(t *testing.T, s chat.Store) {
	me := account(t, s, "Viewer")
	long := make([]byte, 3000)
	for i := range long {
		long[i] = "no "[i%3]
	}
	for i, body := range []string{"buy bread\nand milk", "Ann  Lee", "a\t\u00a0b", "begin " + string(long) + "end"} {
		id := openDirect(t, s, me, account(t, s, fmt.Sprint("Friend ", i)))
		storeMessages(t, s, id, newMessage(me, id, body, 0))
	}

	for filter, n := range map[string]int{
		"bread and":   1,
		"bread\nand":  1,
		"bread   AND": 1,
		"ann lee":     1,
		"a b":         1,
		"begin no":    1,
		"no end":      0,
	} {
		p, err := s.Conversations(ctx, me.ID, chat.ConversationQuery{Filter: filter, Limit: 50})
		if err != nil || len(p.Conversations) != n {
			t.Errorf("filter %q: got %d conversations, %v, want %d", filter, len(p.Conversations), err, n)
		}
	}
}
