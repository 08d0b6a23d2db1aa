package components

import (
	"context"
	"io"
	"net/url"
	"regexp"
	"strings"
	"unicode"

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

			href := templ.EscapeString(part.Href)
			b.WriteString(`<a href="` + href + `" rel="noreferrer nofollow" target="_blank">` + text + `</a>`)
		}

		b.WriteString(`</p>`)

		_, err := io.WriteString(w, b.String())
		return err
	})
}

// Link is a piece of a message: plain text, or a link.
type Link struct {
	Text string // as it was written, except a host that resembles another one
	Href string // an http or https URL; "" for plain text
}

// schemes begin an address: only http and https.
var schemes = regexp.MustCompile(`(?i)https?://`)

// maxLinks bounds the links of one message, because each costs some 10 µs wherever the
// message is rendered. Further addresses are plain text.
const maxLinks = 50

// Links splits a text into pieces, which together are the text. A text with
// characters that change the direction of others has no links, because a link's
// visible text would differ from its address.
func Links(text string) []Link {
	if !strings.Contains(text, "://") || strings.ContainsFunc(text, isBidiControl) {
		return []Link{{Text: text}}
	}

	var parts []Link
	done, from := 0, 0
	for range maxLinks {
		at := schemes.FindStringIndex(text[from:])
		if at == nil {
			break
		}

		start := from + at[0]
		from += at[1]
		link, ok := parseLink(findAddress(text[start:], at[1]-at[0]))
		if !ok {
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
