package components

import (
	"context"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/a-h/templ"
	"golang.org/x/net/idna"
	"mvdan.cc/xurls/v2"
)

// Link is a part of what somebody wrote: plain text, or, with an address, a link.
type Link struct {
	Text string // as it was written, except for a host that could be taken for another
	Href string // http or https; "": no link
}

// addresses finds what may become a link: nothing but http and https.
var addresses = func() *regexp.Regexp {
	r, err := xurls.StrictMatchingScheme(`https?://`)
	if err != nil {
		panic(err) // the scheme is a constant
	}
	return r
}()

// Links cuts a text into parts, which together are the text. One with characters that change the direction of others has no links: what
// one would see isn't where they lead.
func Links(text string) []Link {
	if !strings.Contains(text, "://") || strings.ContainsFunc(text, turns) {
		return []Link{{Text: text}}
	}
	var parts []Link
	done := 0
	for _, at := range addresses.FindAllStringIndex(text, -1) {
		address := unquoted(text[at[0]:at[1]])
		link, ok := linkTo(address)
		if !ok {
			continue
		}
		if at[0] > done {
			parts = append(parts, Link{Text: text[done:at[0]]})
		}
		parts = append(parts, link)
		done = at[0] + len(address)
	}
	if done < len(text) {
		parts = append(parts, Link{Text: text[done:]})
	}
	return parts
}

// unquoted ends an address before the quotes and stops of other scripts, which the expression would take for letters of it.
func unquoted(address string) string {
	if i := strings.IndexAny(address, "“”„«»‹›「」『』（）《》。，、；：！？…"); i >= 0 {
		address = address[:i]
	}
	return strings.TrimRight(address, "’‘")
}

// turns tells the characters of bidirectional text that override, embed or isolate.
func turns(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// linkTo reads an address. One with a user's name in it looks like another site's, and one with invisible characters like another address.
func linkTo(address string) (Link, bool) {
	if strings.ContainsFunc(address, func(r rune) bool { return unicode.Is(unicode.Cf, r) || unicode.IsControl(r) }) {
		return Link{}, false
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return Link{}, false
	}
	name, err := url.PathUnescape(u.Hostname())
	if err != nil {
		return Link{}, false
	}
	ascii, err := idna.Lookup.ToASCII(name)
	if strings.Contains(name, ":") { // an IPv6 address
		ascii, err = name, nil
	}
	if err != nil || ascii == "" {
		return Link{}, false
	}
	link := Link{Text: address}
	if !readable(name) {
		link.Text = strings.Replace(address, u.Hostname(), ascii, 1)
	}
	if ascii != name {
		host := ascii
		if port := u.Port(); port != "" {
			host += ":" + port
		}
		u.Host = host
	}
	link.Href = u.String()
	return link, true
}

// families are scripts that are written together in one word. Cyrillic and Greek, whose letters look like Latin ones, aren't here.
var families = [][]*unicode.RangeTable{
	{unicode.Latin}, {unicode.Han, unicode.Hiragana, unicode.Katakana}, {unicode.Han, unicode.Hangul}, {unicode.Han, unicode.Bopomofo},
	{unicode.Arabic}, {unicode.Hebrew}, {unicode.Devanagari}, {unicode.Thai},
}

// lookalikes are read only below a domain of their own, as in пример.рф.
var lookalikes = [][]*unicode.RangeTable{{unicode.Cyrillic}, {unicode.Greek}}

// readable tells a host that is what it seems: each of its labels in one family of scripts.
func readable(host string) bool {
	labels := strings.Split(host, ".")
	top := labels[len(labels)-1]
	for _, label := range labels {
		if !plain(label) && !inOne(families, label) && !inOne(lookalikes, label+top) {
			return false
		}
	}
	return true
}

// inOne tells whether all letters of a label belong to one family.
func inOne(families [][]*unicode.RangeTable, label string) bool {
	return slices.ContainsFunc(families, func(tables []*unicode.RangeTable) bool {
		return !strings.ContainsFunc(label, func(r rune) bool {
			return (r > unicode.MaxASCII || unicode.IsLetter(r)) && !unicode.In(r, tables...) && !unicode.Is(unicode.Inherited, r)
		})
	})
}

func plain(label string) bool {
	return !strings.ContainsFunc(label, func(r rune) bool { return r > unicode.MaxASCII })
}

// Words is what somebody said: their text to the character, with links in it.
func MessageText(body string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		b.WriteString(`<p dir="auto">`)
		for _, part := range Links(body) {
			text := templ.EscapeString(part.Text)
			if part.Href == "" {
				b.WriteString(text)
				continue
			}
			b.WriteString(`<a href="` + templ.EscapeString(part.Href) + `" rel="noreferrer nofollow" target="_blank">` + text + `</a>`)
		}
		b.WriteString(`</p>`)
		_, err := io.WriteString(w, b.String())
		return err
	})
}
