package integration

import (
	"strings"
	"testing"
)

// TestRequestID: one of ours, or a trusted proxy's if it can stand in a log.
func TestRequestID(t *testing.T) {
	t.Parallel()
	open := sharedReplica(t)
	behind := startReplica(t, "TRUSTED_PROXIES", "127.0.0.1")
	ask := func(r *instance, sent string) string {
		t.Helper()
		h := r.visitor().get("/healthz", "X-Request-Id", sent).header
		if len(h.Values("X-Request-Id")) != 1 {
			t.Fatalf("X-Request-Id headers: %q", h.Values("X-Request-Id"))
		}
		return h.Get("X-Request-Id")
	}
	if got := ask(behind, "edge-7:a.b"); got != "edge-7:a.b" {
		t.Errorf("request id of a trusted proxy became %q", got)
	}

	for _, bad := range []string{"", strings.Repeat("a", 65), "a b", "a\"b", "<x>", "ä"} {
		if got := ask(behind, bad); len(got) != 8 || got == bad {
			t.Errorf("request id %q became %q", bad, got)
		}
	}

	if got := ask(open, "edge-7"); len(got) != 8 {
		t.Errorf("request id of an untrusted client became %q", got)
	}

	body := behind.visitor().get("/nothing", "X-Request-Id", "edge-8").body
	if !strings.Contains(body, `"instance":"edge-8"`) {
		t.Errorf("problem: %s", body)
	}
}
