package integration

import (
	"testing"
)

// TestDeveloperPages: the gallery, like the development sign-in, is only served to
// requests that certainly come from this machine. The proxy of templ announces
// itself, and may be trusted.
func TestDeveloperPages(t *testing.T) {
	t.Parallel()
	plain := sharedReplica(t)
	trusting, closed := startReplica(t, "TRUSTED_PROXIES", "127.0.0.1"), startReplica(t, "DEV_SIGNIN", "false")
	for name, tt := range map[string]struct {
		at      *instance
		headers []string
		status  int
	}{
		"local":                 {plain, nil, 200},
		"switched off":          {closed, nil, 404},
		"untrusted proxy":       {plain, []string{"X-Forwarded-For", "127.0.0.1"}, 404},
		"trusted proxy, local":  {trusting, []string{"X-Forwarded-For", "127.0.0.1"}, 200},
		"two proxies":           {trusting, []string{"X-Forwarded-For", "127.0.0.1, ::1"}, 200},
		"trusted proxy, remote": {trusting, []string{"X-Forwarded-For", "203.0.113.9"}, 404},
		"forged local address":  {trusting, []string{"X-Forwarded-For", "127.0.0.1, 203.0.113.9"}, 404},
		"malformed":             {trusting, []string{"X-Forwarded-For", "here"}, 404},
		"empty":                 {trusting, []string{"X-Forwarded-For", ""}, 404},
		"proxy with Via":        {trusting, []string{"X-Forwarded-For", "127.0.0.1", "Via", "1.1 proxy"}, 404},
		"tunnel":                {plain, []string{"CF-Connecting-IP", "203.0.113.9"}, 404},
		"another tunnel":        {plain, []string{"true-client-ip", "203.0.113.9"}, 404},
		"rewritten Host":        {plain, []string{"X-Original-Host", "chat.example"}, 404},
		"foreign Host":          {plain, []string{"Host", "chat.example"}, 404},
		"foreign Origin":        {plain, []string{"Origin", "https://evil.example"}, 404},
	} {
		visitor := tt.at.visitor()
		for _, path := range []string{"/gallery", "/gallery/errors/503"} {
			want := tt.status
			if want == 200 && path != "/gallery" {
				want = 503
			}
			if got := visitor.get(path, tt.headers...); got.status != want {
				t.Errorf("%s: %s: status %d, want %d", name, path, got.status, want)
			}
		}
	}
}
