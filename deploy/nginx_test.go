package deploy

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"parley/test/services"
)

// upstream stands for a replica: it records requests. The first request of all
// upstreams with the same counter gets the answer first, and later ones 200.
type upstream struct {
	*httptest.Server

	last     atomic.Pointer[http.Request]
	received atomic.Int64 // bytes of the last body
}

// dies is an upstream's answer that ends its connection, as a crash does.
const dies = 0

func newUpstream(t *testing.T, requests *atomic.Int32, first int) *upstream {
	t.Helper()

	u := &upstream{}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		u.received.Store(n)
		u.last.Store(r.Clone(context.Background()))

		switch {
		case requests.Add(1) > 1:
		case first == dies:
			panic(http.ErrAbortHandler)
		default:
			w.WriteHeader(first)
		}
	}))
	t.Cleanup(u.Close)
	return u
}

func (u *upstream) address() string { return strings.TrimPrefix(u.URL, "http://") }

// startNginx starts nginx with the shipped template in front of the upstreams.
func startNginx(t *testing.T, upstreams ...*upstream) (base string, client *http.Client) {
	t.Helper()

	var addresses []string
	for _, u := range upstreams {
		addresses = append(addresses, u.address())
	}

	server := services.Nginx(t.TempDir(), addresses...)
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)

	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // self-signed
	t.Cleanup(transport.CloseIdleConnections)
	return server.URL, &http.Client{Transport: transport}
}

func send(t *testing.T, client *http.Client, method, address string, header http.Header, body []byte) int {
	t.Helper()

	r, err := http.NewRequestWithContext(t.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header

	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// TestTheBalancerReplacesClaimsOfClients: addresses, request ids and trace ids.
func TestTheBalancerReplacesClaimsOfClients(t *testing.T) {
	replica := newUpstream(t, new(atomic.Int32), http.StatusOK)
	base, client := startNginx(t, replica)

	claims := http.Header{
		"X-Forwarded-For": {"203.0.113.9", "203.0.113.10"},
		"Forwarded":       {"for=203.0.113.9"},
		"X-Request-Id":    {"chosen-by-a-stranger"},
		"Traceparent":     {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
		"Tracestate":      {"a=b"},
	}
	for _, path := range []string{"/", "/events", "/account/picture"} {
		send(t, client, http.MethodGet, base+path, claims, nil)

		got := replica.last.Load().Header
		if from := got.Values("X-Forwarded-For"); len(from) != 1 || from[0] != "127.0.0.1" {
			t.Errorf("%s: X-Forwarded-For %q", path, from)
		}

		if id := got.Values("X-Request-Id"); len(id) != 1 || len(id[0]) != 32 || strings.Contains(id[0], "stranger") {
			t.Errorf("%s: X-Request-Id %q", path, id)
		}

		for _, name := range []string{"Forwarded", "Traceparent", "Tracestate"} {
			if got.Get(name) != "" {
				t.Errorf("%s: %s %q passes", path, name, got.Get(name))
			}
		}
	}
}

// TestBodiesPassTheBalancer up to the limits of Parley's routes, so that Parley
// explains a refusal.
func TestBodiesPassTheBalancer(t *testing.T) {
	replica := newUpstream(t, new(atomic.Int32), http.StatusOK)
	base, client := startNginx(t, replica)

	for _, c := range []struct {
		path string
		size int
		want int
	}{
		{"/account/picture", 5<<20 + 60<<10, http.StatusOK},
		{"/account/picture", 7 << 20, http.StatusRequestEntityTooLarge},
		{"/conversations/1/messages", 100 << 10, http.StatusOK},
		{"/conversations/1/messages", 2 << 20, http.StatusRequestEntityTooLarge},
	} {
		name := fmt.Sprintf("%s with %d bytes", c.path, c.size)
		if got := send(t, client, http.MethodPost, base+c.path, nil, make([]byte, c.size)); got != c.want {
			t.Errorf("%s: status %d, want %d", name, got, c.want)
		}

		if c.want == http.StatusOK && replica.received.Load() != int64(c.size) {
			t.Errorf("%s: the replica received %d", name, replica.received.Load())
		}
	}
}

// TestRequestsMoveToAnotherReplica: messages and streams do, and a picture does not,
// because a request that ends one replica would end the next.
func TestRequestsMoveToAnotherReplica(t *testing.T) {
	for _, c := range []struct {
		method, path string
		first        int
		requests     int32 // of both replicas
		want         int
	}{
		{http.MethodPost, "/conversations/1/messages", dies, 2, http.StatusOK},
		{http.MethodPost, "/conversations/1/messages", http.StatusServiceUnavailable, 1, http.StatusServiceUnavailable},
		{http.MethodGet, "/events", dies, 2, http.StatusOK},
		{http.MethodGet, "/events", http.StatusServiceUnavailable, 2, http.StatusOK},
		{http.MethodPost, "/account/picture", dies, 1, http.StatusServiceUnavailable},
	} {
		var requests atomic.Int32
		base, client := startNginx(t, newUpstream(t, &requests, c.first), newUpstream(t, &requests, c.first))

		got := send(t, client, c.method, base+c.path, nil, []byte("x"))
		if got != c.want || requests.Load() != c.requests {
			t.Errorf("%s after a first answer %d: status %d after %d requests, want %d after %d",
				c.path, c.first, got, requests.Load(), c.want, c.requests)
		}
	}
}
