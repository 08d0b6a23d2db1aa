package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"parley/app/chat"
)

// flow is a sign-in that was begun in a browser, which keeps it, sealed, in a cookie. Every replica with the same settings can finish it.
type flow struct {
	State    string    `json:"state"`    // comes back with the answer: whoever began it must be who ends it
	Nonce    string    `json:"nonce"`    // comes back in the id_token: it was made for this sign-in
	Verifier string    `json:"verifier"` // given with the code (PKCE): a code that was stolen is worth nothing
	Next     string    `json:"next"`
	Expires  time.Time `json:"expires"`
}

const (
	flowLifetime = 10 * time.Minute
	maxNext      = 1500 // a cookie has 4 KB
)

func newFlow(next string) flow {
	if len(next) > maxNext {
		next = "/"
	}
	return flow{State: chat.NewToken(), Nonce: chat.NewToken(), Verifier: chat.NewToken(), Next: next, Expires: time.Now().Add(flowLifetime)}
}

func (s *Server) flowCookie() string { return s.cookie + "-signin" }

func (s *Server) keepFlow(c *fiber.Ctx, p *provider, f flow) error {
	sealed, err := p.seal(f)
	if err != nil {
		return err
	}
	s.cookieFor(c, s.flowCookie(), sealed, f.Expires)
	return nil
}

// takeFlow reads the flow of this browser, and ends it there. It is nobody's when the cookie is missing, stale, or another provider's.
func (s *Server) takeFlow(c *fiber.Ctx, p *provider) (flow, error) {
	sealed := strings.Clone(c.Cookies(s.flowCookie()))
	s.cookieFor(c, s.flowCookie(), "", time.Unix(0, 0))
	f, err := p.open(sealed)
	if err == nil && !time.Now().Before(f.Expires) {
		err = errors.New("it has expired")
	}
	return f, err
}

// aead is keyed by the provider's secret, which all replicas share and nobody else has.
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
	return base64.RawURLEncoding.EncodeToString(aead.Seal(nil, nil, plain, nil)), nil // #nosec G407 -- it takes a random nonce by itself
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
