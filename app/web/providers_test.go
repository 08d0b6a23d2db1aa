package web

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/markbates/goth"

	"parley/test/openid"
)

// ours is a provider as the server has it, whose background ends with the test.
func ours(t *testing.T, op *openid.Provider) *provider {
	ctx, end := context.WithCancel(context.Background())
	var tasks sync.WaitGroup
	t.Cleanup(func() { end(); tasks.Wait() })
	return newProvider(Provider{Slug: "oidc", Name: "Testhouse", Key: op.Issuer, Issuer: op.Issuer, ClientID: op.ClientID, ClientSecret: op.ClientSecret}, "http://127.0.0.1:1",
		func(task func(context.Context)) { tasks.Add(1); go func() { defer tasks.Done(); task(ctx) }() })
}

// TestAHangingProviderHoldsNobodyUp: a call ends with its context, wherever the provider hangs, and no more than so many wait.
func TestAHangingProviderHoldsNobodyUp(t *testing.T) {
	op := openid.Start(t)
	asked, hung := make(chan struct{}, 2*maxExchanges), make(chan struct{})
	defer close(hung)
	hang := func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		select {
		case <-r.Context().Done():
		case <-hung:
		}
	}
	op.Override(openid.Discovery, hang)
	p := ours(t, op)
	ctx, cancel := context.WithCancel(context.Background())
	answered := make(chan error)
	go func() { _, err := p.endpoints(ctx); answered <- err }()
	<-asked
	cancel()
	if err := <-answered; !errors.Is(err, errAway) {
		t.Errorf("discovery: %v", err)
	}

	op.Override(openid.Discovery, nil)
	p = ours(t, op)
	if _, err := p.endpoints(context.Background()); err != nil {
		t.Fatal(err)
	}
	op.Override(openid.Token, hang)
	ctx, cancel = context.WithCancel(context.Background())
	for range maxExchanges {
		go func() { _, err := p.identify(ctx, "code", newFlow("/")); answered <- err }()
	}
	for range maxExchanges {
		<-asked
	}
	if _, err := p.identify(context.Background(), "code", newFlow("/")); !errors.Is(err, errAway) {
		t.Errorf("one too many: %v", err)
	}
	cancel()
	for range maxExchanges {
		if err := <-answered; !errors.Is(err, errAway) {
			t.Errorf("exchange: %v", err)
		}
	}
}

// TestAFailureIsRemembered: while a provider is away, nobody waits to find out again.
func TestAFailureIsRemembered(t *testing.T) {
	op := openid.Start(t)
	op.Override(openid.Discovery, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	p := ours(t, op)
	for range 50 {
		if _, err := p.endpoints(context.Background()); !errors.Is(err, errAway) {
			t.Errorf("got %v", err)
		}
	}
	if n := op.Requests(openid.Discovery); n != 1 {
		t.Errorf("asked %d times", n)
	}
	op.Override(openid.Discovery, nil)
	p.mu.Lock()
	p.retryAt = time.Time{} // the pause is over
	p.mu.Unlock()
	if _, err := p.endpoints(context.Background()); err != nil {
		t.Errorf("back again: %v", err)
	}
	// What was found serves on when asking again fails.
	op.Override(openid.Discovery, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })
	p.mu.Lock()
	p.foundAt = time.Time{}
	p.mu.Unlock()
	for range 3 {
		if _, err := p.endpoints(context.Background()); err != nil {
			t.Errorf("an hour later: %v", err)
		}
	}
}

func TestFlowsAreSealed(t *testing.T) {
	op := openid.Start(t)
	p := ours(t, op)
	f := newFlow("/friends")
	sealed, err := p.seal(f)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.open(sealed); err != nil || got.State != f.State || got.Next != "/friends" || !got.Expires.Equal(f.Expires) {
		t.Errorf("opened: %+v, %v", got, err)
	}
	other := ours(t, op)
	for _, change := range []func(){func() { other.Slug = "google" }, func() { other.Slug, other.ClientSecret = "oidc", "another" }} {
		change()
		if got, err := other.open(sealed); err == nil {
			t.Errorf("another provider opened it: %+v", got)
		}
	}
}

func TestNamesOfProviders(t *testing.T) {
	for _, tt := range []struct {
		user goth.User
		want string
	}{
		{goth.User{Name: "Ada Lovelace", NickName: "ada"}, "Ada Lovelace"},
		{goth.User{FirstName: "Ada", LastName: "Lovelace", NickName: "ada"}, "Ada Lovelace"},
		{goth.User{NickName: "ada@example.org"}, "ada"},
		{goth.User{Name: "ada@example.org", FirstName: "Ada"}, "Ada"},
		{goth.User{Email: "ada@example.org"}, ""},
	} {
		if got := nameOf(tt.user); got != tt.want {
			t.Errorf("%+v is %q, want %q", tt.user, got, tt.want)
		}
	}
}
