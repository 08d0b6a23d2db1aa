package e2e

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"testing"

	"parley/test/openid"
	"parley/test/wait"
)

// withProvider are the settings of a replica whose people sign in with an OpenID provider.
func withProvider(op *openid.Provider) []string {
	settings, pairs := sharedServices(), op.Settings()
	for i := 0; i < len(pairs); i += 2 {
		settings = append(settings, pairs[i]+"="+pairs[i+1])
	}
	return settings
}

func TestSignInWithAProvider(t *testing.T) {
	t.Parallel()
	op := openid.Start(t)
	pictures := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 300, 200))); err != nil {
			t.Error(err)
		}

		_, _ = w.Write(b.Bytes())
	}))
	defer pictures.Close()
	site := newSite(t, append(withProvider(op), "LOCAL_PICTURES=true")...)
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			ada := newPerson(t, "Ada", site.one)
			if !scripts {
				ada.TurnsScriptsOff()
			}

			user := openid.User{Subject: ada.Name, Name: "Ada of " + openid.Name, Picture: pictures.URL + "/ada.png"}
			op.DenyNext()
			ada.Opens("/friends")
			ada.ContinuesWith(op, user, ada.Reading("You weren’t signed in"))
			ada.Clicks(`//a[normalize-space()="Try again"]`, ada.Reading("What shall we call you?"))
			if suggested := ada.ValueOf("name"); suggested != user.Name {
				t.Errorf("the suggested name is %q, want %q", suggested, user.Name)
			}

			ada.ConfirmsName()
			if path := ada.Path(); path != "/friends" {
				t.Errorf("the sign-in led to %s, want /friends", path)
			}

			wait.Until(t, "the account has the picture", func() bool {
				ada.Opens("/account")
				return ada.Number(`document.querySelector("main img")?.naturalWidth ?? 0`) == 192
			})
			if name := ada.ValueOf("name"); name != ada.Name {
				t.Errorf("the name of the account is %q, want %q", name, ada.Name)
			}

			ada.SignsOut()
			ada.Opens("/account")
			ada.ContinuesWith(op, user, func() bool {
				return ada.Shows("body.shell") && ada.Path() == "/account"
			})
		})
	}
}
