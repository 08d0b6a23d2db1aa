package config

import (
	"net/url"
	"strings"
)

// minSecret is the minimum length of a client secret, in characters. The key that seals
// a sign-in in progress is derived from it.
const minSecret = 16

// checkSecrets finds secrets that a stranger would guess. Those of services on this
// machine are not checked.
func (c Config) checkSecrets(p *problems) {
	c.checkClientSecret(p, "GOOGLE_CLIENT_SECRET", c.GoogleClientSecret, c.GoogleClientID)

	if issuer, err := url.Parse(c.OIDCIssuer); err == nil && !loopbackHost(issuer.Hostname()) {
		c.checkClientSecret(p, "OIDC_CLIENT_SECRET", c.OIDCClientSecret, c.OIDCClientID)
	}

	for _, s := range []struct{ name, url string }{
		{"DATABASE_URL", c.DatabaseURL},
		{"DATABASE_DIRECT_URL", c.DatabaseDirectURL},
		{"DATABASE_READ_URL", c.DatabaseReadURL},
		{"REDIS_URL", c.RedisURL},
	} {
		u, err := url.Parse(firstHost(s.url))
		if err != nil || u.User == nil || loopbackHost(u.Hostname()) || u.Hostname() == "" {
			continue
		}

		if password, _ := u.User.Password(); password != "" && placeholder(password) {
			p.addf("%s has a placeholder for a password: give that user a real one there, and write it here", s.name)
		}
	}
}

func (c Config) checkClientSecret(p *problems, name, secret, id string) {
	switch {
	case secret == "":
	case placeholder(secret):
		p.addf("%s is a placeholder: write the secret that the provider made for Parley", name)
	case secret == id:
		p.addf("%s is the client id: write the secret that belongs to it", name)
	case len(secret) < minSecret:
		p.addf("%s is too short to keep anything: write the provider’s whole one, of at least %d characters",
			name, minSecret)
	}
}

// firstHost removes all hosts but the first from an address that has several, with
// commas between them, because package url doesn't parse those.
func firstHost(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")

	hosts, path := rest, ""
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		hosts, path = rest[:end], rest[end:]
	}

	at := strings.LastIndex(hosts, "@") + 1
	host, _, _ := strings.Cut(hosts[at:], ",")
	return scheme + "://" + hosts[:at] + host + path
}

// placeholders are the secrets in examples and in images.
var placeholders = strings.Fields(`
	admin changeit changeme clientsecret default demo dummy example foobar guest hunter2 insecure letmein null none
	parley passwd password placeholder postgres pwd redacted redis replaceme root sample secret test todo undefined`)

// placeholder reports whether a secret is one of the placeholders, regardless of case,
// dashes and digits, or a form to fill in.
func placeholder(secret string) bool {
	letters := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}

		return -1
	}, strings.ToLower(secret))
	for _, word := range placeholders {
		if letters == word || letters == "my"+word || letters == "the"+word {
			return true
		}
	}

	return letters == "" && len(secret) < minSecret ||
		strings.Trim(secret, secret[:1]) == "" ||
		strings.HasPrefix(letters, "your") ||
		strings.HasPrefix(secret, "<") ||
		strings.HasPrefix(secret, "${")
}
