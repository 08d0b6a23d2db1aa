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

// flow is a sign-in that a browser has begun. The browser keeps it, sealed, in a cookie,
// so every replica with the same settings can finish it.
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
	maxNext      = 1500 // bytes of Next, because a cookie has at most 4 KB
)

func newFlow(next string) flow {
	if len(next) > maxNext {
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

func (s *Server) flowCookie() string { return s.cookie + "-signin" }

func (s *Server) setFlowCookie(c *fiber.Ctx, p *provider, f flow) error {
	sealed, err := p.seal(f)
	if err != nil {
		return err
	}
	s.setCookie(c, s.flowCookie(), sealed, f.Expires)
	return nil
}

// takeFlow returns the flow of the browser's cookie, which it clears. A cookie that is
// missing, expired or of another provider is an error.
func (s *Server) takeFlow(c *fiber.Ctx, p *provider) (flow, error) {
	sealed := strings.Clone(c.Cookies(s.flowCookie()))
	s.clearCookie(c, s.flowCookie())
	f, err := p.open(sealed)
	if err == nil && !time.Now().Before(f.Expires) {
		err = errors.New("it has expired")
	}
	return f, err
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
