package config

import (
	"errors"
	"fmt"
	"net"
	"strings"
)

// problems collects errors.
type problems []error

func (p *problems) addf(format string, args ...any) { *p = append(*p, fmt.Errorf(format, args...)) }

// validate returns the settings that are valid each by itself and wrong together. Each
// error says what to write instead; none contains a secret.
func (c Config) validate() error {
	var p problems
	c.checkExposure(&p)
	c.checkDevSignIn(&p)
	c.checkOperatorsAddress(&p)
	c.checkProviders(&p)
	c.checkSecrets(&p)
	c.checkKafka(&p)
	c.checkDatabase(&p)
	return errors.Join(p...)
}

// checkExposure finds listeners and sign-ins that are open by mistake. Parley speaks
// plain HTTP only. So if other machines can connect, PUBLIC_URL must begin with
// https and TRUSTED_PROXIES must name the proxy that speaks TLS. A loopback listener
// has its proxy on this machine, or none.
func (c Config) checkExposure(p *problems) {
	public := c.PublicURL != nil && !loopbackHost(c.PublicURL.Hostname())
	if public && c.PublicURL.Scheme == "http" {
		p.addf("PUBLIC_URL is plain http beyond this machine: put a TLS proxy in front and write https://…")
	}

	exposed := c.Web && !loopbackHost(c.Host) // without the web role only probes are served
	switch {
	case exposed && (c.PublicURL == nil || c.PublicURL.Scheme != "https"):
		p.addf(
			"LISTEN_HOST %s can be reached from other machines, in plain HTTP: put a TLS proxy in front, and set PUBLIC_URL "+
				"to the https:// address that people use and TRUSTED_PROXIES to the proxy’s; or write LISTEN_HOST=127.0.0.1",
			c.Host)
	case exposed && len(c.TrustedProxies) == 0:
		p.addf("LISTEN_HOST %s can be reached from other machines, and no proxy is declared: set TRUSTED_PROXIES "+
			"to the address or network of the one that speaks TLS, such as 10.0.0.0/8", c.Host)
	}

	if c.LocalPictures == "true" && public {
		p.addf("LOCAL_PICTURES=true lets a provider look into this machine: remove it")
	}
}

// checkDevSignIn finds a development sign-in that would be open to others or silently off.
func (c Config) checkDevSignIn(p *problems) {
	switch {
	case c.DevSignIn == "true" && c.RealProvider():
		p.addf("DEV_SIGNIN=true lets anyone in as anyone beside a real provider: remove it")
	case c.DevSignIn == "true" && c.PublicURL != nil && !loopbackHost(c.PublicURL.Hostname()):
		p.addf("DEV_SIGNIN=true only works at localhost or a loopback address, and PUBLIC_URL is %s: "+
			"remove PUBLIC_URL or write http://localhost:%d, or set a provider and remove DEV_SIGNIN", c.PublicURL, c.Port)
	case c.DevSignIn == "true" && c.Web && !loopbackHost(c.Host):
		p.addf("DEV_SIGNIN=true only lets people on this machine in, and LISTEN_HOST is %s: "+
			"write LISTEN_HOST=127.0.0.1, or set a provider and remove DEV_SIGNIN", c.Host)
	}
}

func (c Config) checkOperatorsAddress(p *problems) {
	host, _, _ := net.SplitHostPort(c.OpsAddress())
	if c.OpsAddress() == c.Address() {
		p.addf("OPS_ADDR is where people come: write another port, such as 127.0.0.1:9000")
	} else if !loopbackHost(host) && c.OpsRemote != "true" {
		p.addf("OPS_ADDR %s can be reached from other machines, and asks nobody who they are: write 127.0.0.1:9000, "+
			"or OPS_REMOTE=true beside it when a network of yours keeps others away", c.OpsAddr)
	}
}

func (c Config) checkProviders(p *problems) {
	if (c.GoogleClientID == "") != (c.GoogleClientSecret == "") {
		p.addf("GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET: set both or neither")
	}

	if n := c.oidcSettings(); n != 0 && n != 4 {
		p.addf("OIDC_NAME, OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET: set all or none")
	}

	if strings.TrimSuffix(c.OIDCIssuer, "/") == GoogleIssuer {
		p.addf("OIDC_ISSUER is Google: set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET instead")
	}
}

// oidcSettings counts the settings of the OpenID Connect provider that are set.
func (c Config) oidcSettings() (n int) {
	for _, v := range []string{c.OIDCName, c.OIDCIssuer, c.OIDCClientID, c.OIDCClientSecret} {
		if v != "" {
			n++
		}
	}

	return n
}
