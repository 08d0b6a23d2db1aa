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
	"mvdan.cc/xurls/v2"
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

// addresses matches candidates for links: only http and https.
var addresses = func() *regexp.Regexp {
	r, err := xurls.StrictMatchingScheme(`https?://`)
	if err != nil {
		panic(err) // the scheme is a constant
	}

	return r
}()

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
	done := 0

	for _, at := range addresses.FindAllStringIndex(text, maxLinks) {
		address := trimQuotes(text[at[0]:at[1]])

		link, ok := parseLink(address)
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

// trimQuotes ends an address before quotes and stops of other scripts, which the
// expression accepts as letters.
func trimQuotes(address string) string {
	if i := strings.IndexAny(address, "“”„«»‹›「」『』（）《》。，、；：！？…"); i >= 0 {
		address = address[:i]
	}

	return strings.TrimRight(address, "’‘")
}

// isBidiControl reports whether a character overrides, embeds or isolates
// bidirectional text.
func isBidiControl(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// parseLink rejects addresses with a user name, which resemble another site's, and
// with invisible characters, which resemble another address.
func parseLink(address string) (Link, bool) {
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

	ascii, ok := asciiHost(name)
	if !ok {
		return Link{}, false
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
	return link, true
}

// asciiHost returns a host in the form that DNS uses, and false for an invalid host.
func asciiHost(host string) (string, bool) {
	if strings.Contains(host, ":") { // an IPv6 address
		return host, true
	}

	ascii, err := idna.Lookup.ToASCII(host)
	return ascii, err == nil && ascii != ""
}
