package web

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/markbates/goth"
	"github.com/markbates/goth/providers/openidConnect"
	"golang.org/x/oauth2"
)

// Provider is an OpenID Connect provider with which people sign in.
type Provider struct {
	Slug         string // in addresses
	Name         string // on the button
	Key          string // chat.Identity's Provider
	Issuer       string
	ClientID     string
	ClientSecret string
}

// Bounds of what is asked of a provider. One that doesn't answer holds nobody up for longer, and only so many at once.
const (
	callTimeout     = 5 * time.Second
	exchangeTimeout = 8 * time.Second // all calls of one sign-in
	maxExchanges    = 64
	maxAnswer       = 1 << 20
	discoveryFresh  = time.Hour
	discoveryPause  = 2 * time.Second // after a failure, which is answered at once meanwhile
)

// Errors of a provider; their causes are for the log, without addresses or claims.
var (
	errAway     = errors.New("the provider doesn’t answer")
	errNonsense = errors.New("the provider’s answer can’t be used")
	errStale    = errors.New("the provider doesn’t take this sign-in (any more)")
)

// provider adds to a Provider what it says about itself, which is asked for in the background: at the start, when somebody needs it and it
// isn't known, and every hour. goth's openidConnect does the exchange; it verifies neither signature nor nonce of an id_token, so go-oidc does.
type provider struct {
	Provider
	callback string
	run      func(task func(ctx context.Context)) // in the background, until the server ends
	busy     chan struct{}                        // one place for each exchange under way

	mu      sync.Mutex
	found   *endpoints
	foundAt time.Time
	failure error
	retryAt time.Time
	asking  chan struct{} // closed when the discovery under way has ended; nil: none is
}

type endpoints struct {
	oauth    *openidConnect.Provider
	verifier *oidc.IDTokenVerifier
}

func newProvider(p Provider, base string, run func(func(context.Context))) *provider {
	made := &provider{Provider: p, callback: base + "/auth/" + p.Slug + "/callback", run: run, busy: make(chan struct{}, maxExchanges)}
	made.mu.Lock()
	defer made.mu.Unlock()
	made.ask()
	return made
}

// endpoints waits for a discovery under way, as long as ctx lasts; if the last one just failed it says so at once.
func (p *provider) endpoints(ctx context.Context) (*endpoints, error) {
	p.mu.Lock()
	now := time.Now()
	if (p.found == nil || now.Sub(p.foundAt) > discoveryFresh) && now.After(p.retryAt) {
		p.ask()
	}
	found, failure, asking := p.found, p.failure, p.asking
	p.mu.Unlock()
	if found != nil {
		return found, nil
	}
	if asking == nil {
		return nil, failure
	}
	select {
	case <-asking:
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.found == nil {
			return nil, p.failure
		}
		return p.found, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", errAway, ctx.Err())
	}
}

// ask starts a discovery unless one is under way. p.mu is held.
func (p *provider) ask() {
	if p.asking != nil {
		return
	}
	done := make(chan struct{})
	p.asking = done
	p.run(func(ctx context.Context) {
		var found *endpoints
		err := errNonsense // should it panic
		defer func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			if err == nil {
				p.found, p.foundAt, p.failure = found, time.Now(), nil
			} else {
				p.failure, p.retryAt = err, time.Now().Add(discoveryPause)
			}
			p.asking = nil
			close(done)
		}()
		found, err = p.discover(ctx)
	})
}

func (p *provider) discover(ctx context.Context) (*endpoints, error) {
	client := &http.Client{Transport: within{context.Background(), http.DefaultTransport}, Timeout: callTimeout} // it goes on fetching keys later
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, client), p.Issuer)
	if err != nil {
		return nil, explain(err)
	}
	var said struct {
		Keys string `json:"jwks_uri"`
	}
	if err := found.Claims(&said); err != nil {
		return nil, fmt.Errorf("%w: %w", errNonsense, err)
	}
	for _, address := range []string{found.Endpoint().AuthURL, found.Endpoint().TokenURL, said.Keys} {
		if !p.mayAsk(address) {
			return nil, fmt.Errorf("%w: an endpoint without https", errNonsense)
		}
	}
	if u := found.UserInfoEndpoint(); u != "" && !p.mayAsk(u) {
		return nil, fmt.Errorf("%w: an endpoint without https", errNonsense)
	}
	oauth, err := openidConnect.NewCustomisedURL(p.ClientID, p.ClientSecret, p.callback, found.Endpoint().AuthURL, found.Endpoint().TokenURL,
		p.Issuer, found.UserInfoEndpoint(), "", "openid", "profile")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNonsense, err)
	}
	return &endpoints{oauth, found.Verifier(&oidc.Config{ClientID: p.ClientID})}, nil
}

// mayAsk tells addresses with https; without, only if the issuer is so too, which is then on this machine.
func (p *provider) mayAsk(address string) bool {
	u, err := url.Parse(address)
	issuer, _ := url.Parse(p.Issuer) // the settings checked it
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && issuer.Scheme == "http")
}

// begin gives the address that asks the provider who somebody is.
func (e *endpoints) begin(f flow) (string, error) {
	session, err := e.oauth.BeginAuth(f.State)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNonsense, err)
	}
	address, err := session.GetAuthURL()
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNonsense, err)
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNonsense, err)
	}
	q := u.Query()
	q.Set("nonce", f.Nonce)
	q.Set("code_challenge", oauth2.S256ChallengeFromVerifier(f.Verifier))
	q.Set("code_challenge_method", "S256")
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// identify exchanges a code for who it was given for, who has shown themselves to this flow and to no other.
func (p *provider) identify(ctx context.Context, code string, f flow) (user goth.User, err error) {
	defer func() {
		if r := recover(); r != nil { // goth asserts types of what a provider says
			err = fmt.Errorf("%w: panic", errNonsense)
		}
	}()
	select {
	case p.busy <- struct{}{}:
		defer func() { <-p.busy }()
	default:
		return goth.User{}, fmt.Errorf("%w: %d exchanges are under way", errAway, maxExchanges)
	}
	ctx, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	found, err := p.endpoints(ctx)
	if err != nil {
		return goth.User{}, err
	}
	client := *found.oauth // of this sign-in only: its calls end with ctx
	client.HTTPClient = &http.Client{Transport: within{ctx, http.DefaultTransport}}
	session := &openidConnect.Session{}
	if _, err := session.Authorize(&client, url.Values{"code": {code}, "code_verifier": {f.Verifier}}); err != nil {
		return goth.User{}, explain(err)
	}
	token, err := found.verifier.Verify(ctx, session.IDToken)
	if err != nil {
		return goth.User{}, explain(err)
	}
	var claims struct {
		Name  string `json:"name"`
		Party string `json:"azp"`
	}
	if err := token.Claims(&claims); err != nil {
		return goth.User{}, fmt.Errorf("%w: claims of the id_token", errNonsense)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(f.Nonce)) != 1:
		return goth.User{}, fmt.Errorf("%w: another nonce", errNonsense)
	case claims.Party != "" && claims.Party != p.ClientID, claims.Party == "" && len(token.Audience) > 1:
		return goth.User{}, fmt.Errorf("%w: an id_token for somebody else", errNonsense)
	case token.AccessTokenHash != "" && token.VerifyAccessToken(session.AccessToken) != nil:
		return goth.User{}, fmt.Errorf("%w: another access token", errNonsense)
	case !goodSubject(token.Subject):
		return goth.User{}, fmt.Errorf("%w: a subject that is none", errNonsense)
	}
	issued := *client.OpenIDConfig
	issued.Issuer = token.Issuer // verified; Google may leave out its https://
	client.OpenIDConfig, client.SkipUserInfoRequest = &issued, claims.Name != ""
	user, err = client.FetchUser(session)
	if err != nil {
		return goth.User{}, explain(err)
	}
	user.UserID = token.Subject
	return user, nil
}

// goodSubject is 1 to 255 printable ASCII characters (OpenID Connect Core, 2).
func goodSubject(s string) bool {
	for _, b := range []byte(s) {
		if b < 0x20 || b > 0x7e {
			return false
		}
	}
	return s != "" && len(s) <= 255
}

// explain tells a provider that is away from one that answers nonsense, and from one that refuses. The error's own words may hold an
// answer, claims even: only what is known to be harmless is kept of them.
func explain(err error) error {
	var refused *oauth2.RetrieveError
	var call *url.Error
	var expired *oidc.TokenExpiredError
	var mismatch *oidc.IssuerMismatchError
	switch {
	case errors.As(err, &refused) && refused.ErrorCode == "invalid_grant":
		return fmt.Errorf("%w: invalid_grant", errStale)
	case errors.As(err, &refused):
		return fmt.Errorf("%w: %.60q", errNonsense, refused.ErrorCode)
	case errors.As(err, &call):
		return fmt.Errorf("%w: %w", errAway, call.Err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: cut off", errAway)
	case errors.As(err, &expired), errors.As(err, &mismatch):
		return fmt.Errorf("%w: %w", errNonsense, err)
	}
	return fmt.Errorf("%w: %T", errNonsense, err)
}

// within is a transport whose calls end with a context, whose answers end somewhere, and to which a server's own error is no answer.
type within struct {
	ctx  context.Context
	base http.RoundTripper
}

func (w within) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.ctx.Done() != nil {
		r = r.WithContext(w.ctx)
	}
	res, err := w.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= http.StatusInternalServerError {
		res.Body.Close()
		return nil, fmt.Errorf("status %d", res.StatusCode)
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, maxAnswer), res.Body}
	return res, nil
}
