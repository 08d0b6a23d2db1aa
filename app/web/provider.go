package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"
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

// Limits on calls to a provider. A provider that does not answer delays a sign-in by no
// more than these.
const (
	callTimeout     = 5 * time.Second
	exchangeTimeout = 8 * time.Second // of all calls of one sign-in together
	maxExchanges    = 64              // at once
	maxReply        = 1 << 20         // bytes

	discoveryInterval   = time.Hour
	discoveryRetryDelay = 2 * time.Second // meanwhile sign-ins fail at once
)

// provider adds to a Provider its metadata, which is discovered in the background: at the
// start, and when a sign-in finds it unknown or older than discoveryInterval, and after a
// reply that was refused. goth builds the address of a sign-in. It can neither be told
// how to send the client secret nor verify an id_token, so oauth2 and go-oidc do both.
type provider struct {
	Provider
	callback  string
	logger    *slog.Logger
	run       func(task func(ctx context.Context)) // in the background, until the server ends
	exchanges chan struct{}                        // semaphore of exchanges in flight

	mu        sync.Mutex
	found     *endpoints
	foundAt   time.Time
	failure   error         // of the last discovery
	retryAt   time.Time     // no discovery starts before
	discovery chan struct{} // closed at the end of the discovery in flight; nil: none is
}

func newProvider(
	settings Provider, baseURL string, logger *slog.Logger, run func(func(context.Context)),
) *provider {
	return &provider{
		Provider:  settings,
		callback:  baseURL + "/auth/" + settings.Slug + "/callback",
		logger:    logger,
		run:       run,
		exchanges: make(chan struct{}, maxExchanges),
	}
}

// start begins the first discovery, before a sign-in needs it.
func (p *provider) start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.startDiscovery()
}

// refresh begins a discovery unless the metadata is as good as new.
func (p *provider) refresh() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.Sub(p.foundAt) > discoveryRetryDelay && now.After(p.retryAt) {
		p.startDiscovery()
	}
}

// endpoints returns the provider's endpoints. It waits for a discovery in flight until
// ctx ends. After a failed one it returns that error at once, until the next may start.
func (p *provider) endpoints(ctx context.Context) (*endpoints, error) {
	p.mu.Lock()
	now := time.Now()
	if (p.found == nil || now.Sub(p.foundAt) > discoveryInterval) && now.After(p.retryAt) {
		p.startDiscovery()
	}

	found, failure, discovery := p.found, p.failure, p.discovery
	p.mu.Unlock()

	if found != nil {
		return found, nil
	}
	if discovery == nil {
		return nil, failure
	}

	select {
	case <-discovery:
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.found == nil {
			return nil, p.failure
		}
		return p.found, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", errProviderDown, ctx.Err())
	}
}

// startDiscovery starts a discovery unless one is in flight. p.mu is held.
func (p *provider) startDiscovery() {
	if p.discovery != nil {
		return
	}

	done := make(chan struct{})
	p.discovery = done
	p.run(func(ctx context.Context) {
		var found *endpoints
		err := fmt.Errorf("%w: discovery: a library panicked on it", errInvalidReply) // if discover panics
		defer func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			if err == nil {
				p.found, p.foundAt, p.failure = found, time.Now(), nil
			} else {
				p.failure, p.retryAt = err, time.Now().Add(discoveryRetryDelay)
			}

			p.discovery = nil
			close(done)
		}()

		found, err = p.discover(ctx)
	})
}

// boundedTransport ends its calls with a context, limits the size of replies, and turns
// statuses of errors into a statusFailure.
type boundedTransport struct {
	ctx      context.Context
	refusals bool // status 400 to 499 has a body that the caller reads
}

// statusFailure is a reply without a usable body.
type statusFailure int

func (s statusFailure) Error() string { return fmt.Sprintf("status %d", int(s)) }

// RoundTrip makes one call.
func (t boundedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.ctx.Done() != nil {
		r = r.WithContext(t.ctx)
	}

	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}

	refused := res.StatusCode >= http.StatusBadRequest && res.StatusCode < http.StatusInternalServerError
	if res.StatusCode >= http.StatusInternalServerError || refused && !t.refusals {
		res.Body.Close()
		return nil, statusFailure(res.StatusCode)
	}

	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, maxReply), res.Body}

	return res, nil
}
