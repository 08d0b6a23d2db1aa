package cli

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"parley/app/config"
)

// TestHealthcheck covers a replica that listens on every address, as in a
// container, and one that answers another status or not at all.
func TestHealthcheck(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			status = http.StatusNotFound
		}
		w.WriteHeader(status)
	}))
	defer server.Close()

	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}

	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}

	for _, host := range []string{"0.0.0.0", "127.0.0.1"} {
		if err := healthcheck(t.Context(), config.Config{Host: host, Port: n}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}

	status = http.StatusServiceUnavailable
	if healthcheck(t.Context(), config.Config{Host: "0.0.0.0", Port: n}) == nil {
		t.Error("503 counts as healthy")
	}

	server.Close()
	if healthcheck(t.Context(), config.Config{Host: "0.0.0.0", Port: n}) == nil {
		t.Error("a closed port counts as healthy")
	}
}
