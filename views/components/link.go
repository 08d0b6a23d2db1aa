package components

import (
	"context"
	"io"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
	"golang.org/x/net/idna"

	"parley/app/chat"
)

// MessageText shows the exact text of a message, with links in it.
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

			b.WriteString(`<a href="` + templ.EscapeString(part.Href) + `" rel="noreferrer nofollow"`)
			if !strings.HasPrefix(part.Href, "mailto:") {
				b.WriteString(` target="_blank"`)
			}
			b.WriteString(`>` + text + `</a>`)
		}

		b.WriteString(`</p>`)

		_, err := io.WriteString(w, b.String())
		return err
	})
}

// Link is a piece of a message: plain text, or a link.
type Link struct {
	Text string // as it was written, except a host that resembles another one
	Href string // an http, https or mailto URL; "" for plain text
}

// schemes begin an address: only http and https. beginnings are also those of an
// address that people write without its scheme, and the middle of a mail address.
var (
	schemes    = regexp.MustCompile(`(?i)https?://`)
	beginnings = regexp.MustCompile(`(?i)https?://|www\.|@`)
)

// maxLinks bounds the links of one message, because each costs some 10 µs wherever the
// message is rendered. Further addresses are plain text.
const maxLinks = 50

// Links splits a text into pieces, which together are the text. A text with
// characters that change the direction of others has no links, because a link's
// visible text would differ from its address.
func Links(text string) []Link {
	if strings.ContainsFunc(text, isBidiControl) {
		return []Link{{Text: text}}
	}

	var parts []Link
	done, from := 0, 0
	for range maxLinks {
		at := beginnings.FindStringIndex(text[from:])
		if at == nil {
			break
		}

		start, link := linkAt(text, from+at[0], from+at[1])
		from += at[1]
		if link.length == 0 || start < done {
			continue
		}

		if start > done {
			parts = append(parts, Link{Text: text[done:start]})
		}
		parts = append(parts, link.Link)
		done = start + link.length
		from = done
	}

	if done < len(text) {
		parts = append(parts, Link{Text: text[done:]})
	}

	return parts
}

// linkAt returns the link whose beginning, or whose "@", is text[from:to], and where it
// starts. Its length is 0 if there is none.
func linkAt(text string, from, to int) (start int, link foundLink) {
	switch text[from] {
	case '@':
		return mailLink(text, from)
	case 'w', 'W':
		return from, hostLink(text, from)
	}

	link, _ = parseLink(findAddress(text[from:], to-from))
	return from, link
}

// hostLink returns the link to an address without its scheme, such as
// www.example.org/a: a host of three names or more, which no word precedes.
func hostLink(text string, from int) foundLink {
	if before, _ := utf8.DecodeLastRuneInString(text[:from]); continuesWord(before) {
		return foundLink{}
	}

	address := findAddress(text[from:], 0)
	if host, _, _ := strings.Cut(address, "/"); strings.Count(strings.Trim(host, "."), ".") < 2 {
		return foundLink{}
	}

	const scheme = "https://"
	link, ok := parseLink(scheme + address)
	if !ok {
		return foundLink{}
	}

	link.Text = strings.TrimPrefix(link.Text, scheme)
	link.length -= len(scheme)
	return link
}

var (
	localPart  = regexp.MustCompile(`[A-Za-z0-9_](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_+-])?$`)
	mailDomain = regexp.MustCompile(`^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,63}`)
)

// mailLink returns the link of the mail address around the "@" at a position. Only
// plain addresses are linked: nothing that may be a part of another address, or of a
// name with other letters, stands next to them.
func mailLink(text string, at int) (start int, link foundLink) {
	local := localPart.FindString(text[max(0, at-64):at])
	domain := mailDomain.FindString(text[at+1 : min(len(text), at+1+255)])
	if local == "" || domain == "" {
		return at, foundLink{}
	}

	start, end := at-len(local), at+1+len(domain)
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	rest := strings.TrimLeft(text[end:], ".:")
	after, _ := utf8.DecodeRuneInString(rest)
	if continuesWord(before) || before == ':' && !strings.HasSuffix(strings.ToLower(text[:start]), "mailto:") ||
		continuesWord(after) || chat.IsUnseen(after) {
		return start, foundLink{}
	}

	address := text[start:end]
	return start, foundLink{Link{Text: address, Href: "mailto:" + strings.ReplaceAll(address, "%", "%25")}, len(address)}
}

// continuesWord reports whether an address that a character stands next to is a part of
// something longer.
func continuesWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune("/@.-_%+&=~\\", r)
}

// maxHost bounds the search for the end of a host with its port, in bytes. A
// domain name has 253 letters, of up to 4 bytes.
const maxHost = 1100

// findAddress returns the address that a text begins with, after a scheme of so many
// bytes, or "" if it has none or its host is preceded by a user name.
func findAddress(text string, scheme int) string {
	rest := text[scheme:]
	bounded := rest[:min(len(rest), maxHost)]
	n := strings.IndexFunc(bounded, func(r rune) bool { return strings.ContainsRune("/?#", r) || endsAddress(r) })
	if n < 0 {
		n = len(bounded)
	}

	before := rest[:n] // the path
	if strings.Contains(before, "@") {
		return ""
	}

	host := hostAndPort(before)
	if hidesMore(rest[len(host):]) {
		return ""
	}

	if host != before {
		return trimAddress(text[:scheme+len(host)])
	}

	return trimAddress(text[:scheme+n+pathLength(rest[n:])])
}

// hostAndPort returns the part of a text before the first character that neither a
// host nor a port has.
func hostAndPort(text string) string {
	inBrackets := strings.HasPrefix(text, "[")
	n := strings.IndexFunc(text, func(r rune) bool {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)), strings.ContainsRune("-._:%", r):
			return false
		case r == '[' || r == ']':
			return !inBrackets
		}
		return r < unicode.MaxASCII || !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.So)
	})
	if n >= 0 {
		return text[:n]
	}
	return text
}

// hidesMore reports whether a host seems to continue after characters that nobody
// sees, so that a link to what is before them would resemble another one.
func hidesMore(text string) bool {
	seen := strings.TrimLeftFunc(text, chat.IsUnseen)
	return seen != text && seen != "" && hostAndPort(seen) != ""
}

// closing has the opening bracket of each closing one.
var closing = map[rune]rune{')': '(', ']': '[', '}': '{'}

// pathLength returns the length of the path, query and fragment that a text begins
// with. It ends before a bracket without its partner, and before an address that
// follows a comma or semicolon.
func pathLength(text string) int {
	type bracket struct {
		r  rune
		at int
	}
	var open []bracket
	end := len(text)
scan:
	for i, r := range text {
		switch {
		case endsAddress(r), (r == ',' || r == ';') && beginsAddress(text[i+1:]):
			end = i
			break scan
		case strings.ContainsRune("([{", r):
			open = append(open, bracket{r, i})
		case closing[r] == 0:
		case len(open) == 0 || open[len(open)-1].r != closing[r]:
			end = i
			break scan
		default:
			open = open[:len(open)-1]
		}
	}

	if len(open) > 0 {
		end = open[0].at
	}
	return end
}

func beginsAddress(text string) bool {
	at := schemes.FindStringIndex(text[:min(len(text), len("https://"))])
	return at != nil && at[0] == 0
}

// endsAddress reports whether a character is never in an address: blanks, controls,
// what nobody sees but joiners and variation selectors (of words and emoji), quotes
// and stops of other scripts.
func endsAddress(r rune) bool {
	switch r {
	case zwnj, zwj:
		return false
	}
	return unicode.IsSpace(r) || unicode.IsControl(r) || chat.IsUnseen(r) && !unicode.Is(unicode.Variation_Selector, r) ||
		strings.ContainsRune("<>\"\\“”„«»‹›「」『』（）《》。，、；：！？…", r)
}

const (
	zwnj = '\u200c' // zero width non-joiner
	zwj  = '\u200d' // zero width joiner
)

// trimAddress removes the marks of a sentence that stand after an address.
func trimAddress(address string) string {
	return strings.TrimRightFunc(address, func(r rune) bool {
		if r < unicode.MaxASCII {
			return strings.ContainsRune(".,:;!?'`*|^", r)
		}
		return r == zwnj || r == zwj || unicode.In(r, unicode.Po, unicode.Pi, unicode.Pf)
	})
}

// isBidiControl reports whether a character overrides, embeds or isolates
// bidirectional text.
func isBidiControl(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// foundLink is a link and how many bytes of the text it has.
type foundLink struct {
	Link
	length int
}

// parseLink rejects hosts with invisible characters, which resemble another host.
func parseLink(address string) (foundLink, bool) {
	u, err := url.Parse(escapePercent(address))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return foundLink{}, false
	}

	name, err := url.PathUnescape(u.Hostname())
	if err != nil || strings.ContainsFunc(name, chat.IsUnseen) {
		return foundLink{}, false
	}

	ascii, ok := asciiHost(name)
	if !ok {
		return foundLink{}, false
	}

	link := Link{Text: address}
	if !isUnambiguous(name) {
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
	return foundLink{link, len(address)}, true
}

// escapePercent escapes each percent sign that begins no escaped byte, as browsers do.
func escapePercent(address string) string {
	var b strings.Builder
	for i := range len(address) {
		b.WriteByte(address[i])
		if address[i] == '%' && !(i+2 < len(address) && isHex(address[i+1]) && isHex(address[i+2])) {
			b.WriteString("25")
		}
	}
	return b.String()
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

// hosts maps names as browsers do: with underscores and any hyphens.
var hosts = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.StrictDomainName(false),
	idna.CheckHyphens(false),
)

// asciiHost returns a host in the form that DNS uses, and false for an invalid host.
func asciiHost(host string) (string, bool) {
	if strings.Contains(host, ":") { // an IPv6 address
		return host, true
	}

	ascii, err := hosts.ToASCII(host)
	notDNS := func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-_.", r) }
	return ascii, err == nil && ascii != "" && !strings.ContainsFunc(ascii, notDNS)
}
