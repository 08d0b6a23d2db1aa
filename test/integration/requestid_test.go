package integration

import (
	"strings"
	"testing"
)

// TestRequestID: a request id of a trusted proxy is kept if it is safe to log.
// Otherwise the replica creates one of 8 characters.
func TestRequestID(t *testing.T) {
	t.Parallel()
	direct := sharedReplica(t)
	proxied := startReplica(t, "TRUSTED_PROXIES", "127.0.0.1")
	requestID := func(r *instance, sent string) string {
		t.Helper()
		h := r.visitor().get("/healthz", "X-Request-Id", sent).header
		if len(h.Values("X-Request-Id")) != 1 {
			t.Fatalf("X-Request-Id headers: %q", h.Values("X-Request-Id"))
		}
		return h.Get("X-Request-Id")
	}
	if got := requestID(proxied, "edge-7:a.b"); got != "edge-7:a.b" {
		t.Errorf("request id of a trusted proxy became %q", got)
	}

	for _, bad := range []string{"", strings.Repeat("a", 65), "a b", "a\"b", "<x>", "ä"} {
		if got := requestID(proxied, bad); len(got) != 8 || got == bad {
			t.Errorf("request id %q became %q", bad, got)
		}
	}

	if got := requestID(direct, "edge-7"); len(got) != 8 {
		t.Errorf("request id of an untrusted client became %q", got)
	}

	body := proxied.visitor().get("/nothing", "X-Request-Id", "edge-8").body
	if !strings.Contains(body, `"instance":"edge-8"`) {
		t.Errorf("problem: %s", body)
	}
}
