package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
)

// flow is a sign-in that a browser has begun. The browser keeps it, sealed, in a cookie of
// its own, so every replica with the same settings can finish it.
type flow struct {
	// State comes back with the callback, and ties it to the browser that began the flow.
	State string `json:"state"`

	// Nonce comes back in the id_token, and ties the token to the flow.
	Nonce string `json:"nonce"`

	// Verifier is sent with the code (PKCE), so a stolen code is useless without it.
	Verifier string `json:"verifier"`

	// Next is the local path to which the sign-in leads.
	Next    string    `json:"next"`
	Expires time.Time `json:"expires"`
}

const (
	flowLifetime = 10 * time.Minute

	// maxFlows is how many flows a browser may have beside each other, and maxNext bounds
	// Next as it is encoded, in bytes: together at most 4 KB of cookies, because proxies
	// accept a header of 8 KB.
	maxFlows = 3
	maxNext  = 600
)

func newFlow(next string) flow {
	if encoded, err := json.Marshal(next); err != nil || len(encoded) > maxNext {
		next = "/"
	}

	return flow{
		State:    chat.NewToken(),
		Nonce:    chat.NewToken(),
		Verifier: chat.NewToken(),
		Next:     next,
		Expires:  time.Now().Add(flowLifetime),
	}
}

// flowCookie returns the name of the cookie of the flow with this state, because a
// browser may have several flows, each in a tab.
func (s *Server) flowCookie(state string) string {
	sum := sha256.Sum256([]byte(state))
	return s.flowCookiePrefix() + base64.RawURLEncoding.EncodeToString(sum[:6])
}

func (s *Server) flowCookiePrefix() string { return s.cookie + "-signin-" }

// setFlowCookie keeps a flow in the browser, in place of the oldest one if there are
// maxFlows already.
func (s *Server) setFlowCookie(c *fiber.Ctx, p *provider, f flow) error {
	sealed, err := p.seal(f)
	if err != nil {
		return err
	}

	others := s.flowCookies(c)
	for _, name := range others[min(len(others), maxFlows-1):] {
		s.clearCookie(c, name)
	}

	s.setCookie(c, s.flowCookie(f.State), sealed, f.Expires)
	return nil
}

// flowCookies returns the names of the browser's flow cookies, the newest first. Those
// that no provider sealed are the last.
func (s *Server) flowCookies(c *fiber.Ctx) (names []string) {
	expiries := map[string]time.Time{}
	for key, value := range c.Request().Header.Cookies() {
		name := string(key)
		if !strings.HasPrefix(name, s.flowCookiePrefix()) {
			continue
		}
		names, expiries[name] = append(names, name), time.Time{}
		for _, p := range s.providers {
			if f, err := p.open(string(value)); err == nil {
				expiries[name] = f.Expires
			}
		}
	}

	slices.SortFunc(names, func(a, b string) int { return expiries[b].Compare(expiries[a]) })
	return names
}

// findFlow returns the browser's flow with this state. A cookie that is missing, expired
// or of another provider is an error.
func (s *Server) findFlow(c *fiber.Ctx, p *provider, state string) (flow, error) {
	if state == "" {
		return flow{}, errors.New("the callback has no state")
	}

	sealed := strings.Clone(c.Cookies(s.flowCookie(state)))
	if sealed == "" {
		return flow{}, errors.New("this browser has no flow with this state")
	}

	f, err := p.open(sealed)
	switch {
	case err != nil:
		return flow{}, errors.New("the flow is another provider's, or sealed with another client secret")
	case subtle.ConstantTimeCompare([]byte(state), []byte(f.State)) != 1:
		return flow{}, errors.New("another state")
	case !time.Now().Before(f.Expires):
		return flow{}, errors.New("it has expired")
	}

	return f, nil
}

// aead returns the cipher of the flows. Its key is derived from the provider's secret,
// which all replicas share.
func (p *provider) aead() (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(p.ClientSecret), nil, "parley sign-in with "+p.Slug, 32)
	if err != nil {
		return nil, err
	}

	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}

	return cipher.NewGCMWithRandomNonce(block)
}

func (p *provider) seal(f flow) (string, error) {
	aead, err := p.aead()
	if err != nil {
		return "", err
	}

	plain, err := json.Marshal(f)
	if err != nil {
		return "", err
	}

	sealed := aead.Seal(nil, nil, plain, nil) // #nosec G407 -- the cipher chooses a random nonce
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

func (p *provider) open(sealed string) (f flow, err error) {
	aead, err := p.aead()
	if err != nil {
		return flow{}, err
	}

	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return flow{}, err
	}

	plain, err := aead.Open(nil, nil, b, nil)
	if err != nil {
		return flow{}, err
	}

	return f, json.Unmarshal(plain, &f)
}
