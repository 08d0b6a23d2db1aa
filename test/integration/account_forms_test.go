package integration

import (
	"net/url"
	"strings"
	"testing"

	"parley/app/chat"
)

// TestAccountForms: each form is rejected from another site, without a session and
// with an invalid value.
func TestAccountForms(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada := r.signIn("Ada")
	stranger := r.visitor()
	for path, tt := range map[string]struct {
		form  url.Values
		field string
	}{
		"/account/profile":                {url.Values{"name": {strings.Repeat("x", 61)}}, "name"},
		"/account/picture":                {url.Values{}, "picture"},
		"/account/appearance":             {url.Values{"theme": {"purple"}}, "theme"},
		"/account/zone":                   {url.Values{"time_zone": {"Local"}}, "time_zone"},
		"/account/privacy":                {url.Values{"share_read": {"maybe"}}, "share_read"},
		"/account/delete":                 {url.Values{"name": {"Bob"}}, "name"},
		"/account/sessions/revoke-others": {},
		"/account/sessions/" + chat.NewID().String() + "/revoke": {},
		"/account/export": {},
	} {
		for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
			ada.post(path, tt.form, headers...).expectStatus(403)
		}
		stranger.post(path, tt.form).expectStatus(401)
		if tt.field == "" {
			continue
		}
		var p struct{ Type, Field string }
		ada.post(path, tt.form).decode(&p, 422)
		if p.Type != "invalid" || p.Field != tt.field {
			t.Errorf("%s: problem %+v", path, p)
		}
	}

	if got := ada.settings(); got != chat.DefaultSettings() {
		t.Errorf("stored settings: %+v", got)
	}

	for _, path := range []string{"/account", "/account/sessions", "/account/delete", "/account/export"} {
		stranger.get(path).expectStatus(401)
	}
}
