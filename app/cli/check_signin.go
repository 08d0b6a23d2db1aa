package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"parley/app/config"
)

// checkSignIn reports how people sign in. The issuer in the provider's discovery
// document must equal the setting exactly (OpenID Connect Discovery 1.0, section 4).
func checkSignIn(ctx context.Context, cfg config.Config, report finding) {
	const subject = "sign-in"
	switch {
	case cfg.OIDCIssuer == "" && cfg.GoogleClientID != "":
		report(subject, "with Google; its redirect URI is "+cfg.BaseURL()+"/auth/google/callback", nil)
		return
	case cfg.OIDCIssuer == "" && cfg.MayDevSignIn():
		report(subject, "the development sign-in, on this machine only", nil)
		return
	case cfg.OIDCIssuer == "":
		report(subject, "", errors.New("nobody can sign in: set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, "+
			"or OIDC_NAME, OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET"))
		return
	}

	issuer, err := discoverIssuer(ctx, cfg.OIDCIssuer)
	if err == nil && issuer != cfg.OIDCIssuer {
		err = fmt.Errorf("the provider calls itself %q: write that in OIDC_ISSUER, letter by letter", issuer)
	}

	report(subject, "with "+cfg.OIDCName+"; its redirect URI is "+cfg.BaseURL()+"/auth/oidc/callback", err)
}

const discoveryTimeout = 5 * time.Second

// discoverIssuer returns the issuer in the discovery document of the provider at
// address.
func discoverIssuer(ctx context.Context, address string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, discoveryTimeout)
	defer cancel()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet,
		strings.TrimSuffix(address, "/")+"/.well-known/openid-configuration", nil)
	if err != nil {
		return "", err
	}

	noProvider := fmt.Errorf("no provider answers at OIDC_ISSUER: %s should give its configuration", req.URL.Redacted())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		var unreachable *net.OpError
		if errors.As(err, &unreachable) || errors.Is(err, context.DeadlineExceeded) {
			return "", noProvider
		}
		return "", fmt.Errorf("%w (%w)", noProvider, err)
	}
	defer res.Body.Close()

	var document struct {
		Issuer string `json:"issuer"`
	}
	err = json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&document)
	if err != nil || res.StatusCode != http.StatusOK {
		return "", noProvider
	}

	return document.Issuer, nil
}
