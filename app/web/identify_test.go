package web

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"parley/test/openid"
	"parley/test/wait"
)

// signIn goes through a flow at the provider.
func signIn(t *testing.T, p *provider) (profile, error) {
	t.Helper()
	found, err := p.endpoints(context.Background())
	if err != nil {
		t.Fatal(err)
	}

	f := newFlow("/")
	address, err := found.authURL(f)
	if err != nil {
		t.Fatal(err)
	}

	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()

	back, err := url.Parse(res.Header.Get("Location"))
	if err != nil || back.Query().Get("code") == "" {
		body, _ := io.ReadAll(res.Body)
		t.Fatalf("the provider redirects to %v: %v: %s", back, err, body)
	}
	return p.identify(context.Background(), back.Query().Get("code"), f)
}

// TestLogSaysWhyASignInFailed: each mistake of a provider or of the settings has words of
// its own, in which nothing of a reply but the refused value stands.
func TestLogSaysWhyASignInFailed(t *testing.T) {
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}

	claim := func(name string, value any) func(*openid.Provider) {
		return func(op *openid.Provider) {
			op.ForgeTokens(func(f *openid.Forgery) {
				f.Claims[name] = value
				if value == nil {
					delete(f.Claims, name)
				}
			})
		}
	}

	signed := func(method jwt.SigningMethod, key any) func(*openid.Provider) {
		return func(op *openid.Provider) {
			op.ForgeTokens(func(f *openid.Forgery) { f.Method, f.Key = method, key })
		}
	}

	answer := func(endpoint string, status int, body string) func(*openid.Provider) {
		return func(op *openid.Provider) {
			op.Override(endpoint, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			})
		}
	}

	for name, tt := range map[string]struct {
		mistake func(*openid.Provider)
		kind    error
		words   string
	}{
		"nonce":             {claim("nonce", "x"), errInvalidReply, "id_token: the nonce"},
		"audience":          {claim("aud", "other"), errInvalidReply, `id_token: audience "other", want the client id "parley"`},
		"authorized party":  {claim("azp", "other"), errInvalidReply, `authorized party (azp) "other"`},
		"azp is a number":   {claim("azp", 7), errInvalidReply, "azp is no text"},
		"issuer":            {claim("iss", "https://x.example/"), errInvalidReply, `id_token: issuer "https://x.example/", want "http`},
		"issuer is missing": {claim("iss", nil), errInvalidReply, `id_token: issuer "", want "http`},
		"issuer is a list":  {claim("iss", []int{1}), errInvalidReply, "id_token: iss has the wrong type"},
		"expired":           {claim("exp", time.Now().Add(-time.Hour).Unix()), errInvalidReply, "id_token: expired at 20"},
		"no expiry":         {claim("exp", nil), errInvalidReply, "id_token: exp is missing"},
		"expiry is text":    {claim("exp", "soon"), errInvalidReply, "id_token: exp is no time"},
		"not yet valid":     {claim("nbf", time.Now().Add(time.Hour).Unix()), errInvalidReply, "id_token: not valid before 20"},
		"nbf is text":       {claim("nbf", "soon"), errInvalidReply, "id_token: nbf is no time"},
		"iat is text":       {claim("iat", "soon"), errInvalidReply, "id_token: a claim has the wrong type"},
		"subject":           {claim("sub", "é"), errInvalidReply, "id_token: sub is not"},
		"access token":      {claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), errInvalidReply, "id_token: at_hash"},
		"key":               {signed(jwt.SigningMethodRS256, stranger), errInvalidReply, "id_token: the signature is not by"},
		"algorithm": {
			signed(jwt.SigningMethodHS256, []byte(openid.ClientSecret)), errInvalidReply,
			`id_token: algorithm "HS256", and the provider's own are RS256`,
		},
		"no algorithm": {
			signed(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType), errInvalidReply, `id_token: algorithm "none"`,
		},
		"keys are away":     {answer(openid.Keys, 500, ""), errProviderDown, "keys (jwks_uri): status 500"},
		"keys are missing":  {answer(openid.Keys, 404, ""), errInvalidReply, "keys (jwks_uri): status 404"},
		"keys are a page":   {answer(openid.Keys, 200, "<html>"), errInvalidReply, "the keys at jwks_uri can't be read"},
		"token: 500":        {answer(openid.Token, 500, ""), errProviderDown, "token exchange: status 500"},
		"token: 404":        {answer(openid.Token, 404, "<html>"), errInvalidReply, "token exchange: status 404"},
		"token: page":       {answer(openid.Token, 200, "<html>"), errInvalidReply, "token exchange: the answer is no token response"},
		"token: spent code": {answer(openid.Token, 400, `{"error":"invalid_grant"}`), errStaleSignIn, "invalid_grant"},
		"token: secret": {
			answer(openid.Token, 401, `{"error":"invalid_client"}`), errInvalidReply,
			"token exchange: invalid_client: the provider refuses the client id or the client secret",
		},
		"token: other code":  {answer(openid.Token, 400, `{"error":"invalid_request"}`), errInvalidReply, `"invalid_request"`},
		"token: no id_token": {answer(openid.Token, 200, `{"access_token":"x"}`), errInvalidReply, "has no id_token"},
		"token: a number": {
			answer(openid.Token, 200, `{"access_token":"x","id_token":7}`), errInvalidReply, "has no id_token",
		},
		"token: no JWT": {
			answer(openid.Token, 200, `{"access_token":"x","id_token":"a.b.c"}`), errInvalidReply, "id_token: it is no signed token",
		},
		"userinfo of another": {
			answer(openid.Userinfo, 200, `{"sub":"somebody"}`), errInvalidReply, "userinfo: another sub",
		},
	} {
		t.Run(name, func(t *testing.T) {
			op := openid.Start(t)
			op.QueueUser(openid.User{Subject: "ada", Name: "Ada", UserinfoOnly: true})
			p := startProvider(t, op)
			tt.mistake(op)
			got, err := signIn(t, p)
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.words) || strings.Contains(err.Error(), "Ada") {
				t.Errorf("got %+v, %v, want %v: …%s", got, err, tt.kind, tt.words)
			}
		})
	}
}

// TestSignInWithoutUserinfo: a refusal of the userinfo endpoint leaves a person without a
// name, which they are asked for.
func TestSignInWithoutUserinfo(t *testing.T) {
	for name, reply := range map[string]http.HandlerFunc{
		"403":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) },
		"404":      http.NotFound,
		"500":      unavailable,
		"no sub":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"name":"Mallory"}`)) },
		"a page":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"a number": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"sub":"ada","name":7}`)) },
	} {
		t.Run(name, func(t *testing.T) {
			op := openid.Start(t)
			op.QueueUser(openid.User{Subject: "ada", UserinfoOnly: true})
			p := startProvider(t, op)
			op.Override(openid.Userinfo, reply)
			if got, err := signIn(t, p); err != nil || got.Subject != "ada" || displayName(got) != "" {
				t.Errorf("got %+v, %v, want ada without a name", got, err)
			}
		})
	}
}

// TestClientAuthentication: the client secret is sent as the provider's metadata says. The
// provider of each case spends the code of a refused client.
func TestClientAuthentication(t *testing.T) {
	for name, tt := range map[string]struct {
		announced []string
		accepted  string
		attempts  int // until somebody is signed in
	}{
		"basic":                          {[]string{openid.Basic}, openid.Basic, 1},
		"post":                           {[]string{openid.Post}, openid.Post, 1},
		"no list, the standard's":        {nil, openid.Basic, 1},
		"no list, not the standard's":    {nil, openid.Post, 2},
		"both, and post for this client": {[]string{openid.Basic, openid.Post}, openid.Post, 2},
	} {
		t.Run(name, func(t *testing.T) {
			op := openid.Start(t)
			op.AuthMethods(tt.announced, tt.accepted)
			p := startProvider(t, op)
			for attempt := 1; attempt <= tt.attempts; attempt++ {
				_, err := signIn(t, p)
				if attempt < tt.attempts && !errors.Is(err, errStaleSignIn) || attempt == tt.attempts && err != nil {
					t.Errorf("attempt %d: %v", attempt, err)
				}
			}
		})
	}
}

// TestChangedClientAuthentication: a provider that changes its method is discovered again
// after the first refusal.
func TestChangedClientAuthentication(t *testing.T) {
	op := openid.Start(t)
	op.AuthMethods([]string{openid.Basic}, openid.Basic)
	p := startProvider(t, op)
	if _, err := signIn(t, p); err != nil {
		t.Fatal(err)
	}

	op.AuthMethods([]string{openid.Post}, openid.Post)
	p.mu.Lock()
	p.foundAt = p.foundAt.Add(-2 * discoveryRetryDelay)
	before := p.found
	p.mu.Unlock()

	if _, err := signIn(t, p); !errors.Is(err, errInvalidReply) {
		t.Errorf("with the old method: %v", err)
	}
	wait.Until(t, "the provider is discovered again", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.found != before
	})
	if _, err := signIn(t, p); err != nil {
		t.Errorf("with the new method: %v", err)
	}
}

func TestDiscoveryErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		reply http.HandlerFunc
		kind  error
		words string
	}{
		"500":  {unavailable, errProviderDown, "discovery: status 503"},
		"404":  {http.NotFound, errInvalidReply, "discovery: status 404"},
		"page": {document("<html>"), errInvalidReply, "discovery: the answer is no discovery document"},
		"another issuer": {
			document(`{"issuer":"https://x.example/"}`), errInvalidReply,
			`discovery: the provider calls itself "https://x.example/", and the issuer in the settings is "http`,
		},
		"no https": {
			document(`{"issuer":"ISSUER","authorization_endpoint":"javascript:1","token_endpoint":"https://x",` +
				`"jwks_uri":"https://x"}`),
			errInvalidReply, "discovery: authorization_endpoint is missing or not https",
		},
		"no keys": {
			document(`{"issuer":"ISSUER","authorization_endpoint":"https://x","token_endpoint":"https://x"}`),
			errInvalidReply, "discovery: jwks_uri is missing or not https",
		},
		"methods": {
			document(`{"issuer":"ISSUER","authorization_endpoint":"https://x","token_endpoint":"https://x",` +
				`"jwks_uri":"https://x","token_endpoint_auth_methods_supported":["private_key_jwt"]}`),
			errInvalidReply, "has neither client_secret_basic nor client_secret_post",
		},
	} {
		t.Run(name, func(t *testing.T) {
			op := openid.Start(t)
			op.Override(openid.Discovery, func(w http.ResponseWriter, r *http.Request) {
				r.Header.Set("Issuer", op.Issuer)
				tt.reply(w, r)
			})
			p := startProvider(t, op)
			_, err := p.endpoints(context.Background())
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.words) {
				t.Errorf("got %v, want %v: …%s", err, tt.kind, tt.words)
			}
		})
	}
}

// document answers a discovery with ISSUER replaced.
func document(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(strings.ReplaceAll(body, "ISSUER", r.Header.Get("Issuer"))))
	}
}
