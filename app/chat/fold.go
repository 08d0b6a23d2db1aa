package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// searchedRunes is how much of a message the filter of conversations searches, in
// code points: more than a list shows, and a bound for the cost of a search.
const searchedRunes = 500

// FoldName returns the form (NFKC, without case) by which two spellings of a name are
// the same account in the development sign-in. Accents make a difference.
func FoldName(name string) string { return norm.NFKC.String(foldCase(name)) }

// Fold returns the form in which names and texts are searched and sorted: without
// case, accents, invisible characters and compatibility variants, and with one space
// for every run of white space. Every search compares folded forms that Go computed,
// so no result depends on the locale of the database. Fold(Fold(s)) equals Fold(s).
func Fold(s string) string {
	if folded, ok := foldASCII(s); ok {
		return folded
	}

	var b strings.Builder
	for s = foldCase(s); s != ""; {
		r, size := utf8.DecodeRuneInString(s)
		if !isAccent(s) && !isIgnorable(r) {
			b.WriteString(foldRune(r))
		}
		s = s[size:]
	}
	return norm.NFC.String(strings.Join(strings.Fields(b.String()), " "))
}

// FoldStart is Fold for a message: of its first searchedRunes code points.
func FoldStart(body string) string {
	return firstRunes(Fold(firstRunes(body, searchedRunes)), searchedRunes)
}

func firstRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// foldASCII folds a text of printable ASCII, which most texts are.
func foldASCII(s string) (folded string, ok bool) {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] < ' ' && s[i] != '\n' || s[i] == 0x7f {
			return "", false
		}
	}
	return strings.Join(strings.Fields(foldPunctuation.Replace(strings.ToLower(s))), " "), true
}

// foldCase folds case and compatibility variants (NFKD). It is full case folding:
// letters with more than two forms, as Σ σ ς, and letters whose other form is two
// letters, as ß, have one folded form. x/text folds the two cases of Cherokee into
// each other instead of into one of them, hence ToLower.
func foldCase(s string) string {
	return norm.NFKD.String(strings.ToLower(cases.Fold().String(norm.NFKD.String(s))))
}

// isAccent reports whether a decomposed text begins with an accent: a mark above,
// below or across a letter, or a vowel point of Hebrew or Arabic. Marks that are
// letters of their script, as the vowels of Thai and Devanagari and the voicing of
// Kana, have other combining classes.
func isAccent(s string) bool {
	class := norm.NFKD.PropertiesString(s).CCC()
	return class == 1 || 10 <= class && class <= 36 || class >= 200
}

// isIgnorable reports whether a search ignores a character: a control, or one that
// nobody sees. White space is neither.
func isIgnorable(r rune) bool { return !unicode.IsSpace(r) && (unicode.IsControl(r) || IsUnseen(r)) }

// foldRune folds what has no decomposition: special letters, dashes and quotes.
func foldRune(r rune) string {
	if letters, ok := specialLetters[r]; ok {
		return letters
	}
	if unicode.Is(unicode.Pd, r) || r == '\u2212' { // dashes, and the minus sign
		return "-"
	}
	return foldPunctuation.Replace(string(r))
}

// foldPunctuation replaces the quotes that keyboards and word processors vary.
var foldPunctuation = strings.NewReplacer(
	"`", "'", "‘", "'", "’", "'", "‚", "'", "‛", "'", "ʹ", "'", "ʻ", "'", "ʼ", "'", "ʽ", "'", "ˈ", "'", "′", "'",
	"“", `"`, "”", `"`, "„", `"`, "‟", `"`, "«", `"`, "»", `"`, "″", `"`,
)

// specialLetters has the plain form of Latin letters that Unicode doesn't decompose.
// It agrees with the rules of PostgreSQL's extension unaccent.
var specialLetters = func() map[rune]string {
	table := map[rune]string{}
	for plain, letters := range map[string]string{
		"a": "ᴀᶏⱥ",
		"b": "ƀƃɓʙᴃᵬᶀ",
		"c": "ƈȼɕᴄꞓ",
		"d": "ðđƌȡɖɗᴅᴆᵭᶁᶑꝱꝺ",
		"e": "ɇɛᴇᶒᶓⱸ",
		"f": "ƒᵮᶂꜰꝼ",
		"g": "ǥɠɡɢʛᶃꞡ",
		"h": "ħɦɧʜⱨ",
		"i": "ıɨɩɪᵻᶖ",
		"j": "ȷɉɟʝᴊ",
		"k": "ƙᴋᶄⱪꝁꝃꝅꞣ",
		"l": "łƚȴɫɬɭʟᴌᶅⱡꝇꝉꝲ",
		"m": "ɱᴍᵯᶆꝳ",
		"n": "ŋƞȵɲɳɴᵰᶇꝴꞑꞥ",
		"o": "øᴏⱺꝋꝍ",
		"p": "ƥᴘᵱᵽᶈꝑꝓꝕ",
		"q": "ĸʠꝗꝙ",
		"r": "ɍɼɽɾʀᵲᵳᶉꝵꝶꞧ",
		"s": "ȿʂᵴᶊẜẝꜱꞩ",
		"t": "ŧƫƭȶʈᴛᵵⱦꝷꞇ",
		"u": "ʉᴜᵾᶙ",
		"v": "ʋᴠᶌỽⱱⱴꝟ",
		"w": "ᴡⱳ",
		"x": "ᶍ",
		"y": "ƴɏʏỿ",
		"z": "ƶȥɀʐʑᴢᵶᶎⱬ",

		"aa": "ꜳ",
		"ae": "æᴁ",
		"ao": "ꜵ",
		"au": "ꜷ",
		"av": "ꜹꜻ",
		"ay": "ꜽ",
		"hv": "ƕ",
		"ll": "ỻ",
		"oe": "œɶ",
		"oi": "ƣ",
		"oo": "ꝏ",
		"th": "þᵺꝥꝧ",
		"vy": "ꝡ",
	} {
		for _, letter := range letters {
			table[letter] = plain
		}
	}
	return table
}()
