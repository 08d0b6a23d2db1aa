package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"parley/test/openid"
)

// startProvider returns a provider as the server starts it. Its background tasks end with
// the test.
func startProvider(t *testing.T, op *openid.Provider) *provider {
	ctx, end := context.WithCancel(context.Background())
	var tasks sync.WaitGroup
	t.Cleanup(func() { end(); tasks.Wait() })

	settings := Provider{
		Slug:         "oidc",
		Name:         "Testhouse",
		Key:          op.Issuer,
		Issuer:       op.Issuer,
		ClientID:     op.ClientID,
		ClientSecret: op.ClientSecret,
	}

	logger := slog.New(slog.NewTextHandler(t.Output(), nil))
	p := newProvider(settings, "http://127.0.0.1:1", logger, func(task func(context.Context)) {
		tasks.Go(func() { task(ctx) })
	})
	p.start()
	return p
}

// hang is a reply that never comes. Each call is reported on called.
func hang(t *testing.T) (reply http.HandlerFunc, called chan struct{}) {
	called, ended := make(chan struct{}, 2*maxExchanges), make(chan struct{})
	t.Cleanup(func() { close(ended) })
	return func(_ http.ResponseWriter, r *http.Request) {
		called <- struct{}{}
		select {
		case <-r.Context().Done():
		case <-ended:
		}
	}, called
}

func unavailable(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusServiceUnavailable)
}

func TestDiscoveryEndsWithTheContext(t *testing.T) {
	op := openid.Start(t)
	reply, called := hang(t)
	op.Override(openid.Discovery, reply)
	p := startProvider(t, op)
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error)
	go func() { _, err := p.endpoints(ctx); result <- err }()
	<-called
	cancel()
	if err := <-result; !errors.Is(err, errProviderDown) {
		t.Errorf("discovery: %v", err)
	}
}

func TestExchangesAreLimitedAndEndWithTheContext(t *testing.T) {
	op := openid.Start(t)
	p := startProvider(t, op)
	if _, err := p.endpoints(context.Background()); err != nil {
		t.Fatal(err)
	}

	reply, called := hang(t)
	op.Override(openid.Token, reply)
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error)
	for range maxExchanges {
		go func() { _, err := p.identify(ctx, "code", newFlow("/")); result <- err }()
	}

	for range maxExchanges {
		<-called
	}

	if _, err := p.identify(context.Background(), "code", newFlow("/")); !errors.Is(err, errProviderDown) {
		t.Errorf("an exchange beyond the limit: %v", err)
	}

	cancel()
	for range maxExchanges {
		if err := <-result; !errors.Is(err, errProviderDown) {
			t.Errorf("exchange: %v", err)
		}
	}
}

// TestFailedDiscoveryIsNotRepeatedAtOnce, so nobody waits for a provider that is down.
func TestFailedDiscoveryIsNotRepeatedAtOnce(t *testing.T) {
	op := openid.Start(t)
	op.Override(openid.Discovery, unavailable)
	p := startProvider(t, op)
	for range 50 {
		if _, err := p.endpoints(context.Background()); !errors.Is(err, errProviderDown) {
			t.Errorf("endpoints: %v", err)
		}
	}

	if n := op.Requests(openid.Discovery); n != 1 {
		t.Errorf("%d discoveries, want 1", n)
	}

	op.Override(openid.Discovery, nil)
	p.mu.Lock()
	p.retryAt = time.Time{} // the delay is over
	p.mu.Unlock()
	if _, err := p.endpoints(context.Background()); err != nil {
		t.Errorf("after the recovery: %v", err)
	}

	// Known endpoints stay in use while a later discovery fails.
	op.Override(openid.Discovery, unavailable)
	p.mu.Lock()
	p.foundAt = time.Time{}
	p.mu.Unlock()
	for range 3 {
		if _, err := p.endpoints(context.Background()); err != nil {
			t.Errorf("after an hour: %v", err)
		}
	}
}
