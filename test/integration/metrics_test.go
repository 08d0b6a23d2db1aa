package integration

import (
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/test/wait"
)

// scrape reads a replica's metrics as Prometheus would.
func (r *instance) scrape() string {
	answer := httptest.NewRecorder()
	r.replica.Metrics.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	if answer.Code != 200 {
		r.t.Errorf("the metrics answer %d: %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// value finds a series by its name and labels, as the answer has them; "" when it isn't there.
func value(metrics, series string) string {
	for line := range strings.SplitSeq(metrics, "\n") {
		if rest, ok := strings.CutPrefix(line, series+" "); ok {
			return rest
		}
	}
	return ""
}

var (
	aMetric   = regexp.MustCompile(`\b(parley|go|process)_[a-z0-9_]+\b`)
	aSelector = regexp.MustCompile(`\b(parley|go|process)_[a-z0-9_]+`)
)

// TestMetricsNamedExist: whatever the dashboard and the alerts ask for is there on a replica on which people talk, and says what happened.
func TestMetricsNamedExist(t *testing.T) {
	t.Parallel()
	here := startReplica(t)
	there := startReplicaAt(t, here.at)
	ada, bob := here.signIn("Ada"), there.signIn("Bob")
	talk := ada.opens(bob)
	frames := bob.hears()
	m := ada.sends(talk, "good morning")
	ada.post(talk+"/messages", url.Values{"body": {"good morning"}, "client_id": {m.ClientID.String()}}).is(201)
	bob.expects(frames, "stored")
	wait.Until(t, "the brokers tell the lag", func() bool { return value(here.scrape(), `parley_writer_lag{partition="0"}`) == "0" })
	text := here.scrape()
	exists := map[string]bool{}
	for line := range strings.SplitSeq(text, "\n") {
		if name := aMetric.FindString(line); name != "" && !strings.HasPrefix(line, "#") {
			exists[name] = true
		}
	}
	for _, file := range []string{"grafana-parley.json", "alerts.yml"} {
		named, err := os.ReadFile(filepath.Join("..", "..", "deploy", "observability", file))
		if err != nil {
			t.Fatal(err)
		}
		seen := aSelector.FindAllString(string(named), -1)
		slices.Sort(seen)
		if seen = slices.Compact(seen); len(seen) < 8 {
			t.Errorf("%s names only %v", file, seen)
		}
		for _, name := range seen {
			if !exists[name] {
				t.Errorf("%s asks for %s, which isn't there", file, name)
			}
		}
	}
	for series, want := range map[string]string{
		`parley_sends_total{result="accepted"}`: "1", `parley_sends_total{result="repeated"}`: "1", `parley_sends_total{result="not_sent"}`: "0",
		`parley_ack_seconds_count`: "1", `parley_publish_seconds_count`: "1", `parley_hop_seconds_count{hop="acked"}`: "1", `parley_mode_down{part="redis"}`: "0",
		`parley_http_requests_total{method="POST",route="/conversations/:id/messages",status="2xx"}`: "2",
	} {
		if got := value(text, series); got != want {
			t.Errorf("%s is %q, want %s", series, got, want)
		}
	}
	if got := value(there.scrape(), `parley_hop_seconds_count{hop="delivered"}`); got != "1" {
		t.Errorf("the other replica has delivered %q", got)
	}
	for _, secret := range []string{"good morning", m.ID.String(), strings.TrimPrefix(talk, "/conversations/"), ada.ID.String()} {
		if strings.Contains(text, secret) {
			t.Errorf("the metrics hold %q", secret)
		}
	}
	f := there.replica.Metrics.Snapshot()
	if f.Streams != 1 || f.Delivered.Count != 1 || f.Delivered.P50 > f.Delivered.P99 || f.Replica == here.replica.Metrics.Snapshot().Replica || f.Heap == 0 || f.RSS == 0 {
		t.Errorf("the figures are %+v", f)
	}
	rows := f.Writer.Rows + here.replica.Metrics.Snapshot().Writer.Rows
	if rows != 1 {
		t.Errorf("the writers say that they stored %d", rows)
	}
}

// TestStrangersInventNoSeries: what is asked for by those who guess is one series, whatever they write.
func TestStrangersInventNoSeries(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada := r.signIn("Ada")
	before := strings.Count(r.scrape(), "parley_http_requests_total{")
	for range 3 {
		ada.get("/" + uuid.NewString()).is(404)
		ada.do("FROB"+uuid.NewString()[:4], "/conversations", nil)
	}
	if after := strings.Count(r.scrape(), "parley_http_requests_total{"); after-before > 2 {
		t.Errorf("six strange requests made %d series", after-before)
	}
}
