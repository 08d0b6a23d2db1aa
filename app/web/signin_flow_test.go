package web

import (
	"testing"

	"parley/test/openid"
)

func TestFlowsAreSealedForTheirProvider(t *testing.T) {
	op := openid.Start(t)
	p := startProvider(t, op)
	f := newFlow("/friends")
	sealed, err := p.seal(f)
	if err != nil {
		t.Fatal(err)
	}

	got, err := p.open(sealed)
	if err != nil || got.State != f.State || got.Next != "/friends" || !got.Expires.Equal(f.Expires) {
		t.Errorf("opened: %+v, %v", got, err)
	}

	other := startProvider(t, op)
	for _, change := range []func(){
		func() { other.Slug = "google" },
		func() { other.Slug, other.ClientSecret = "oidc", "another" },
	} {
		change()
		if got, err := other.open(sealed); err == nil {
			t.Errorf("another provider opened it: %+v", got)
		}
	}
}
