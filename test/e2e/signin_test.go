package e2e

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"parley/test/openid"
	"parley/test/wait"
)

// onProvider are the settings of a replica whose people sign in with op.
func onProvider(op *openid.Provider) []string {
	settings, pairs := onRealServices(), op.Settings()
	for i := 0; i < len(pairs); i += 2 {
		settings = append(settings, pairs[i]+"="+pairs[i+1])
	}
	return settings
}

// continuesWith the provider, which knows the person as who.
func (p *person) continuesWith(op *openid.Provider, who openid.User, arrived func() bool) {
	p.t.Helper()
	op.QueueUser(who)
	p.clicks(`//a[normalize-space()="Continue with `+openid.Name+`"]`, arrived)
}

// callsThemselves confirms a name on the welcome.
func (p *person) callsThemselves(name string) {
	p.t.Helper()
	p.does("type a name", chromedp.SetValue("#name", name))
	p.clicks(`//button[normalize-space()="Continue"]`, func() bool { return p.shows("body.shell") })
}

func TestSignInWithAProvider(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	gallery := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 300, 200))); err != nil {
			t.Error(err)
		}
		_, _ = w.Write(b.Bytes())
	}))
	defer gallery.Close()
	at := ownSite(t, append(onProvider(op), "LOCAL_PICTURES=true")...)
	for what, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(what, func(t *testing.T) {
			ada := opensBrowser(t, unique(t, "Ada"), at.one)
			if !scripts {
				ada.turnsScriptsOff()
			}
			who := openid.User{Subject: ada.name, Name: "Ada of " + openid.Name, Picture: gallery.URL + "/ada.png"}
			op.DenyNext()
			ada.opens("/friends")
			ada.continuesWith(op, who, func() bool { return strings.Contains(ada.page(), "You weren’t signed in") })
			ada.clicks(`//a[normalize-space()="Try again"]`, func() bool { return strings.Contains(ada.page(), "What shall we call you?") })
			if name := evaluate[string](ada, `document.getElementById("name").value`); name != who.Name {
				t.Errorf("the name is suggested as %q", name)
			}
			ada.callsThemselves(ada.name)
			if path := evaluate[string](ada, "location.pathname"); path != "/friends" {
				t.Errorf("she arrived at %s", path)
			}
			wait.Until(t, "her picture is there", func() bool {
				ada.opens("/account")
				return evaluate[float64](ada, `document.querySelector("main img")?.naturalWidth ?? 0`) == 192
			})
			if name := evaluate[string](ada, `document.getElementById("name").value`); name != ada.name {
				t.Errorf("the account has another name: %q", name)
			}
			ada.signsOut()
			ada.opens("/account")
			ada.continuesWith(op, who, func() bool {
				return ada.shows("body.shell") && evaluate[string](ada, "location.pathname") == "/account"
			})
		})
	}
}
