package integration

import (
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/test/wait"
)

// scrape returns a replica's metrics as Prometheus reads them.
func (r *instance) scrape() string {
	answer := httptest.NewRecorder()
	r.replica.Metrics.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	if answer.Code != 200 {
		r.t.Errorf("metrics: status %d: %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// value returns the value of a series, given by name and labels; "" without one.
func value(metrics, series string) string {
	for line := range strings.SplitSeq(metrics, "\n") {
		if rest, ok := strings.CutPrefix(line, series+" "); ok {
			return rest
		}
	}
	return ""
}

// metricName matches the names of metrics.
var metricName = regexp.MustCompile(`\b(parley|go|process)_[a-z0-9_]+\b`)

// TestMetrics: every metric in the dashboard and the alerts exists on a replica with
// traffic, and the counters are right.
func TestMetrics(t *testing.T) {
	t.Parallel()
	here := startReplica(t)
	there := startReplicaAt(t, here.addresses)
	ada, bob := here.signIn("Ada"), there.signIn("Bob")
	conversation := ada.openConversation(bob)
	bobStream := bob.openStream()
	m := ada.send(conversation, "good morning")
	again := url.Values{"body": {"good morning"}, "client_id": {m.ClientID.String()}}
	ada.post(conversation+"/messages", again).expectStatus(201)
	bobStream.waitFor("stored")
	wait.Until(t, "the lag is known", func() bool {
		return value(here.scrape(), `parley_writer_lag{partition="0"}`) == "0"
	})
	text := here.scrape()
	exists := map[string]bool{}
	for line := range strings.SplitSeq(text, "\n") {
		if name := metricName.FindString(line); name != "" && !strings.HasPrefix(line, "#") {
			exists[name] = true
		}
	}

	for _, file := range []string{"grafana-parley.json", "alerts.yml"} {
		named, err := os.ReadFile(filepath.Join("..", "..", "deploy", "observability", file))
		if err != nil {
			t.Fatal(err)
		}
		seen := metricName.FindAllString(string(named), -1)
		slices.Sort(seen)
		if seen = slices.Compact(seen); len(seen) < 8 {
			t.Errorf("%s uses only the metrics %v", file, seen)
		}
		for _, name := range seen {
			if !exists[name] {
				t.Errorf("%s uses the metric %s, which does not exist", file, name)
			}
		}
	}

	for series, want := range map[string]string{
		`parley_sends_total{result="accepted"}`:      "1",
		`parley_sends_total{result="repeated"}`:      "1",
		`parley_sends_total{result="not_sent"}`:      "0",
		`parley_ack_seconds_count`:                   "1",
		`parley_publish_seconds_count`:               "1",
		`parley_hop_seconds_count{hop="acked"}`:      "1",
		`parley_dependency_down{dependency="redis"}`: "0",
		`parley_http_requests_total{method="POST",route="/conversations/:id/messages",status="201"}`: "2",
	} {
		if got := value(text, series); got != want {
			t.Errorf("metric %s: %q, want %s", series, got, want)
		}
	}

	if got := value(there.scrape(), `parley_hop_seconds_count{hop="delivered"}`); got != "1" {
		t.Errorf("deliveries of the other replica: %q", got)
	}

	for _, secret := range []string{"good morning", m.ID.String(), path.Base(conversation), ada.ID.String()} {
		if strings.Contains(text, secret) {
			t.Errorf("the metrics contain %q", secret)
		}
	}

	f := there.replica.Metrics.Snapshot()
	if f.Streams != 1 || f.Delivered.Count != 1 || f.Delivered.P50 > f.Delivered.P99 ||
		f.Replica == here.replica.Metrics.Snapshot().Replica || f.Heap == 0 || f.RSS == 0 {
		t.Errorf("snapshot: %+v", f)
	}

	rows := f.Writer.Rows + here.replica.Metrics.Snapshot().Writer.Rows
	if rows != 1 {
		t.Errorf("the writers stored %d rows, want 1", rows)
	}
}

// TestMetricCardinality: requests to unknown routes share one series.
func TestMetricCardinality(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada := r.signIn("Ada")
	before := strings.Count(r.scrape(), "parley_http_requests_total{")
	for range 3 {
		ada.get("/" + uuid.NewString()).expectStatus(404)
		ada.do("FROB"+uuid.NewString()[:4], "/conversations", nil)
	}

	if after := strings.Count(r.scrape(), "parley_http_requests_total{"); after-before > 2 {
		t.Errorf("six requests to unknown routes created %d series", after-before)
	}
}
