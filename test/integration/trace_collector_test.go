package integration

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"parley/app/replica"
)

// traceCollector is a collector that receives OTLP over HTTP.
type traceCollector struct {
	url string

	mu    sync.Mutex
	spans []*tracepb.Span
}

func (c *traceCollector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var request collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &request) != nil {
		http.Error(w, "not a trace export", http.StatusBadRequest)
		return
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range request.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}

	w.Header().Set("Content-Type", "application/x-protobuf")
}

// of returns the spans of a trace by name. Names of deliveries are followed by their
// replica.
func (c *traceCollector) of(trace string) map[string]*tracepb.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := map[string]*tracepb.Span{}
	for _, s := range c.spans {
		if hex(s.TraceId) != trace {
			continue
		}
		name := s.Name
		if name == "deliver" {
			name += " " + attribute(s, "parley.replica")
		}
		found[name] = s
	}

	return found
}

// traceIDs returns the ids of all traces.
func (c *traceCollector) traceIDs() map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := map[string]bool{}
	for _, s := range c.spans {
		ids[hex(s.TraceId)] = true
	}
	return ids
}

func startCollector(t *testing.T) *traceCollector {
	c := &traceCollector{}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// environmentLock is held while the environment of this process has settings for one replica,
// or is copied.
var environmentLock sync.Mutex

// startReplicaAt starts a replica that exports its traces to the collector. OpenTelemetry reads
// its settings, pairs of names and values, from the environment when the replica starts.
func (c *traceCollector) startReplicaAt(t *testing.T, addresses replica.Addresses, settings ...string) *instance {
	t.Helper()
	settings = append(settings, "OTEL_EXPORTER_OTLP_ENDPOINT", c.url, "OTEL_BSP_SCHEDULE_DELAY", "100")

	environmentLock.Lock()
	defer environmentLock.Unlock()
	for i := 0; i < len(settings); i += 2 {
		must(t, os.Setenv(settings[i], settings[i+1]))
		defer os.Unsetenv(settings[i])
	}
	return startReplicaAt(t, addresses, settings...)
}

func hex(id []byte) string { return fmt.Sprintf("%x", id) }

func attribute(s *tracepb.Span, name string) string {
	for _, a := range s.Attributes {
		if a.Key == name {
			return a.Value.GetStringValue()
		}
	}
	return ""
}
