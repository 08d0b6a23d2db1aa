package integration

import (
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"parley/test/openid"
)

// TestForgedTokens: an id token with any invalid claim, key or algorithm signs
// nobody in.
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	r := startReplica(t, op.Settings()...)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}

	claim := func(name string, value any) func(*openid.Forgery) {
		return func(f *openid.Forgery) {
			f.Claims[name] = value
			if value == nil {
				delete(f.Claims, name)
			}
		}
	}

	ada := r.visitor()
	for name, forge := range map[string]func(*openid.Forgery){
		"another nonce":        claim("nonce", "x"),
		"no nonce":             claim("nonce", nil),
		"another audience":     claim("aud", "somebody else"),
		"no audience":          claim("aud", nil),
		"for two, no azp":      claim("aud", []string{openid.ClientID, "somebody else"}),
		"another azp":          claim("azp", "somebody else"),
		"another issuer":       claim("iss", "https://evil.example"),
		"a longer issuer":      claim("iss", op.Issuer+"/"),
		"no issuer":            claim("iss", nil),
		"expired":              claim("exp", time.Now().Add(-time.Minute).Unix()),
		"without an end":       claim("exp", nil),
		"an end that is none":  claim("exp", "soon"),
		"not yet":              claim("nbf", time.Now().Add(time.Hour).Unix()),
		"no subject":           claim("sub", nil),
		"an empty subject":     claim("sub", ""),
		"a subject with NUL":   claim("sub", "a\x00b"),
		"a subject too long":   claim("sub", strings.Repeat("x", 256)),
		"another access token": claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
		"alg none": func(f *openid.Forgery) {
			f.Method, f.Key = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType
		},
		"the secret as a key": func(f *openid.Forgery) {
			f.Method, f.Key = jwt.SigningMethodHS256, []byte(openid.ClientSecret)
		},
		"a stranger's key":    func(f *openid.Forgery) { f.Key = stranger },
		"a stranger's key id": func(f *openid.Forgery) { f.Key, f.Header["kid"] = stranger, "another" },
		"a stranger's key set": func(f *openid.Forgery) {
			f.Key, f.Header["jku"] = stranger, "https://evil.example/keys"
		},
	} {
		t.Run(name, func(t *testing.T) {
			op.ForgeTokens(forge)
			ada.expectRejected(name, ada.startSignIn(""), 502, "no usable answer")
		})
	}

	op.ForgeTokens(claim("azp", openid.ClientID))
	if ada.browse(ada.startSignIn("")).location(); !ada.signedIn() {
		t.Error("a valid token was rejected")
	}
}
