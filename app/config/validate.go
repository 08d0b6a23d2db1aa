package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// contradictions finds settings that are each fine and weak or senseless together. Each says what to write instead; none shows a secret.
func (c Config) contradictions() []error {
	var problems []error
	for _, find := range []func() []error{c.openDoors, c.halfProviders, c.weakSecrets, c.kafka, c.database} {
		problems = append(problems, find()...)
	}
	return problems
}

// openDoors are ways in that nobody may have meant. Parley speaks plain HTTP only: whoever listens beyond this machine declares the proxy that
// speaks TLS for it, by an https PUBLIC_URL and by TRUSTED_PROXIES. On loopback the proxy is on this machine, or there is none.
func (c Config) openDoors() (problems []error) {
	public := c.PublicURL != nil && !loopbackHost(c.PublicURL.Hostname())
	if public && c.PublicURL.Scheme == "http" {
		problems = append(problems, errors.New("PUBLIC_URL is plain http beyond this machine: put a TLS proxy in front and write https://…"))
	}
	if c.Web && !loopbackHost(c.Host) { // without people there, only probes come
		switch {
		case c.PublicURL == nil || c.PublicURL.Scheme != "https":
			problems = append(problems, fmt.Errorf("LISTEN_HOST %s can be reached from other machines, in plain HTTP: put a TLS proxy in front, and set PUBLIC_URL to the https:// address that people use and TRUSTED_PROXIES to the proxy’s; or write LISTEN_HOST=127.0.0.1", c.Host))
		case len(c.TrustedProxies) == 0:
			problems = append(problems, fmt.Errorf("LISTEN_HOST %s can be reached from other machines, and no proxy is declared: set TRUSTED_PROXIES to the address or network of the one that speaks TLS, such as 10.0.0.0/8", c.Host))
		}
	}
	if c.LocalPictures == "true" && public {
		problems = append(problems, errors.New("LOCAL_PICTURES=true lets a provider look into this machine: remove it"))
	}
	if c.DevSignIn == "true" && c.RealProvider() {
		problems = append(problems, errors.New("DEV_SIGNIN=true lets anyone in as anyone beside a real provider: remove it"))
	}
	host, _, _ := net.SplitHostPort(c.OpsAddress())
	if c.OpsAddress() == c.Address() {
		problems = append(problems, errors.New("OPS_ADDR is where people come: write another port, such as 127.0.0.1:9000"))
	} else if !loopbackHost(host) && c.OpsRemote != "true" {
		problems = append(problems, fmt.Errorf("OPS_ADDR %s can be reached from other machines, and asks nobody who they are: write 127.0.0.1:9000, or OPS_REMOTE=true beside it when a network of yours keeps others away", c.OpsAddr))
	}
	return problems
}

func (c Config) halfProviders() (problems []error) {
	if (c.GoogleClientID == "") != (c.GoogleClientSecret == "") {
		problems = append(problems, errors.New("GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET: set both or neither"))
	}
	if n := c.setOfOIDC(); n != 0 && n != 4 {
		problems = append(problems, errors.New("OIDC_NAME, OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET: set all or none"))
	}
	if c.OIDCIssuer == GoogleIssuer {
		problems = append(problems, errors.New("OIDC_ISSUER is Google: set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET instead"))
	}
	return problems
}

// leastSecret is how long a client secret is at least: the key that seals a sign-in under way comes from it.
const leastSecret = 16

// weakSecrets are those that a stranger would guess. What is on this machine only may have any.
func (c Config) weakSecrets() (problems []error) {
	issuer, err := url.Parse(c.OIDCIssuer)
	elsewhere := err == nil && !loopbackHost(issuer.Hostname())
	for _, s := range []struct {
		name, secret, id string
		matters          bool
	}{{"GOOGLE_CLIENT_SECRET", c.GoogleClientSecret, c.GoogleClientID, true}, {"OIDC_CLIENT_SECRET", c.OIDCClientSecret, c.OIDCClientID, elsewhere}} {
		switch {
		case s.secret == "" || !s.matters:
		case placeholder(s.secret):
			problems = append(problems, fmt.Errorf("%s is a placeholder: write the secret that the provider made for Parley", s.name))
		case s.secret == s.id:
			problems = append(problems, fmt.Errorf("%s is the client id: write the secret that belongs to it", s.name))
		case len(s.secret) < leastSecret:
			problems = append(problems, fmt.Errorf("%s is too short to keep anything: write the provider’s whole one, of at least %d characters", s.name, leastSecret))
		}
	}
	for _, s := range []struct{ name, url string }{{"DATABASE_URL", c.DatabaseURL}, {"DATABASE_DIRECT_URL", c.DatabaseDirectURL}, {"DATABASE_READ_URL", c.DatabaseReadURL}, {"REDIS_URL", c.RedisURL}} {
		u, err := url.Parse(firstHost(s.url))
		if err != nil || u.User == nil || loopbackHost(u.Hostname()) || u.Hostname() == "" {
			continue
		}
		if password, _ := u.User.Password(); password != "" && placeholder(password) {
			problems = append(problems, fmt.Errorf("%s has a placeholder for a password: give that user a real one there, and write it here", s.name))
		}
	}
	return problems
}

// firstHost leaves one of several hosts with commas between them, which no URL may have.
func firstHost(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	authority, path := rest, ""
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		authority, path = rest[:end], rest[end:]
	}
	at := strings.LastIndex(authority, "@") + 1
	host, _, _ := strings.Cut(authority[at:], ",")
	return scheme + "://" + authority[:at] + host + path
}

// placeholders are what examples and images come with.
var placeholders = strings.Fields(`admin changeit changeme clientsecret default demo dummy example foobar guest hunter2 insecure letmein null none
	parley passwd password placeholder postgres pwd redacted redis replaceme root sample secret test todo undefined`)

// placeholder tells a secret that is none: one of those words whatever its dashes, digits and case, or a form to fill in.
func placeholder(secret string) bool {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(secret))
	for _, word := range placeholders {
		if plain == word || plain == "my"+word || plain == "the"+word {
			return true
		}
	}
	return plain == "" && len(secret) < leastSecret || strings.Trim(secret, secret[:1]) == "" || strings.HasPrefix(plain, "your") || strings.HasPrefix(secret, "<") || strings.HasPrefix(secret, "${")
}
