package cli

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"parley/app/config"
)

// TestHealthyAsksTheReplica: a container that listens everywhere is asked here; what doesn't answer, or answers otherwise, isn't healthy.
func TestHealthyAsksTheReplica(t *testing.T) {
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
		if err := healthy(t.Context(), config.Config{Host: host, Port: n}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	status = http.StatusServiceUnavailable
	if healthy(t.Context(), config.Config{Host: "0.0.0.0", Port: n}) == nil {
		t.Error("503 counts as healthy")
	}
	server.Close()
	if healthy(t.Context(), config.Config{Host: "0.0.0.0", Port: n}) == nil {
		t.Error("nobody there counts as healthy")
	}
}
