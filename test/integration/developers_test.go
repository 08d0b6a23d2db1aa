package integration

import (
	"testing"
)

// TestDevelopersOnly: the gallery, like the development sign-in, is there for requests that were certainly made on this machine. templ's
// proxy is one that names itself a proxy, and may be trusted.
func TestDevelopersOnly(t *testing.T) {
	t.Parallel()
	plain, trusting, closed := sharedReplica(t), startReplica(t, "TRUSTED_PROXIES", "127.0.0.1"), startReplica(t, "DEV_SIGNIN", "false")
	for name, tt := range map[string]struct {
		at      *instance
		headers []string
		status  int
	}{
		"here":                          {plain, nil, 200},
		"switched off":                  {closed, nil, 404},
		"by a proxy":                    {plain, []string{"X-Forwarded-For", "127.0.0.1"}, 404},
		"by a trusted proxy, from here": {trusting, []string{"X-Forwarded-For", "127.0.0.1"}, 200},
		"by two":                        {trusting, []string{"X-Forwarded-For", "127.0.0.1, ::1"}, 200},
		"by a trusted proxy, from else": {trusting, []string{"X-Forwarded-For", "203.0.113.9"}, 404},
		"pretended, then true":          {trusting, []string{"X-Forwarded-For", "127.0.0.1, 203.0.113.9"}, 404},
		"nonsense":                      {trusting, []string{"X-Forwarded-For", "here"}, 404},
		"empty":                         {trusting, []string{"X-Forwarded-For", ""}, 404},
		"another kind of proxy":         {trusting, []string{"X-Forwarded-For", "127.0.0.1", "Via", "1.1 proxy"}, 404},
		"another name":                  {plain, []string{"Host", "chat.example"}, 404},
		"another page's form":           {plain, []string{"Origin", "https://evil.example"}, 404},
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
