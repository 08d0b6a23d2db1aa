package telemetry

import (
	"errors"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/status"
)

func sources() Sources {
	return Sources{
		Streams:       func() int { return 3 },
		Queued:        func() int64 { return 4 },
		Stalled:       func() uint64 { return 5 },
		SendsInFlight: func() int { return 6 },
		CacheHits:     func() (uint64, uint64) { return 7, 8 },
		SchemaCurrent: func() bool { return true },
		Postgres:      func() Pool { return Pool{1, 2, 16, 9} },
		Redis:         func() Pool { return Pool{3, 4, 20, 10} },
		Dependencies: func() []status.Dependency {
			return []status.Dependency{
				{Name: "redis", Since: time.Now().Add(-time.Minute), Entered: 2, Lasted: time.Hour},
				{Name: "kafka"},
			}
		},
	}
}

// TestMetricsOfAnOutage covers what alerts read while dependencies are down.
func TestMetricsOfAnOutage(t *testing.T) {
	m := NewMetrics("a:1", "v", sources())
	message := chat.Message{ID: uuid.New(), SentAt: chat.At(time.Now().Add(-time.Second))}
	m.Appended(message, time.Now(), errors.New("no broker"))
	m.Published(message, time.Now(), false)
	m.Sent(chat.ResultDirect)
	m.DeadLettered()
	m.Assigned(2)
	m.Stored([]chat.Message{message, message}, time.Now().Add(-time.Millisecond), time.Now())
	m.Backlog(status.Backlog{
		Partitions: map[int32]status.PartitionBacklog{
			0: {Records: 11, Oldest: time.Now().Add(-time.Hour), Paused: "a newer release"},
			2: {},
		},
		DeadLetters: 5,
	})

	text := scrape(m)
	for _, line := range []string{
		`parley_build_info{replica="a:1",version="v"} 1`,
		`parley_failures_total{dependency="kafka"} 1`,
		`parley_failures_total{dependency="redis"} 1`,
		`parley_sends_total{result="direct"} 1`,
		`parley_dead_letters_total 1`,
		`parley_writer_partitions 2`,
		`parley_writer_batch_rows_sum 2`,
		`parley_writer_lag{partition="0"} 11`,
		`parley_writer_lag{partition="2"} 0`,
		`parley_writer_lag_known 1`,
		`parley_dependency_down{dependency="redis"} 1`,
		`parley_dependency_down{dependency="kafka"} 0`,
		`parley_dependency_outages_total{dependency="redis"} 2`,
		`parley_oldest_unstored_seconds{partition="2"} 0`,
		`parley_partition_paused{partition="0"} 1`,
		`parley_partition_paused{partition="2"} 0`,
		`parley_dead_letters_waiting 5`,
		`parley_ack_seconds_count 0`,
		`parley_hop_seconds_count{hop="stored"} 2`,
		`parley_streams 3`,
		`parley_stalled_readers_total 5`,
		`parley_access_cache_total{answer="miss"} 8`,
		`parley_schema_current 1`,
		`parley_pool_connections{dependency="postgres",state="in_use"} 1`,
		`parley_pool_waits_total{dependency="postgres"} 9`,
		`parley_pool_waits_total{dependency="redis"} 10`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("%s isn't there", line)
		}
	}

	if !strings.Contains(text, `parley_oldest_unstored_seconds{partition="0"} 360`) { // and a fraction
		t.Error("the age of the oldest record is not exported")
	}

	m.Backlog(status.Backlog{DeadLetters: -1})
	text = scrape(m)
	if !strings.Contains(text, "parley_dead_letters_waiting 5\n") {
		t.Error("the dead letters that were counted last are not exported")
	}
	if strings.Contains(text, "parley_writer_lag{") || !strings.Contains(text, "parley_writer_lag_known 0\n") {
		t.Error("an unknown lag is exported")
	}

	f := m.Snapshot()
	if f.Backlog.Partitions != nil || f.Sends["direct"] != 1 || f.Writer.Rows != 2 || f.Writer.LastRows != 2 ||
		f.Writer.Partitions != 2 || f.DeadLetters != 1 || f.Stored.Count != 2 || f.Stored.P99 < time.Second {
		t.Errorf("the figures are %+v", f)
	}
}

func scrape(m *Metrics) string {
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	return answer.Body.String()
}

// TestRecentDurations covers the limit of a minute and that of the ring.
func TestRecentDurations(t *testing.T) {
	var r recentDurations
	now := time.Now()
	r.add(now.Add(-2*time.Minute), time.Hour)
	for i := range 100 {
		r.add(now, time.Duration(i+1)*time.Millisecond)
	}

	want := status.Latency{Count: 100, P50: 51 * time.Millisecond, P99: 100 * time.Millisecond}
	if q := r.quantiles(now); q != want {
		t.Errorf("quantiles %+v, want %+v", q, want)
	}

	for range 10 * len(r.ring) {
		r.add(now, time.Second)
	}

	want = status.Latency{Count: len(r.ring), P50: time.Second, P99: time.Second}
	if q := r.quantiles(now); q != want {
		t.Errorf("quantiles of a full ring %+v, want %+v", q, want)
	}
	if q := r.quantiles(now.Add(2 * time.Minute)); q.Count != 0 {
		t.Errorf("quantiles two minutes later: %+v", q)
	}
}

// TestBucketsAreRoundNumbers also covers the bounds that service levels name.
func TestBucketsAreRoundNumbers(t *testing.T) {
	m := NewMetrics("a:1", "v", sources())
	m.Requested("GET", "/", 429, 90*time.Millisecond)
	m.Stored([]chat.Message{{}}, time.Now(), time.Now())

	text := scrape(m)
	for _, bound := range regexp.MustCompile(`parley_\w+_bucket\{[^}]*le="([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if digits := strings.TrimLeft(strings.ReplaceAll(bound[1], ".", ""), "0"); len(digits) > 4 {
			t.Errorf("the bound %s is no round number", bound[1])
		}
	}

	for _, line := range []string{
		`parley_http_requests_total{method="GET",route="/",status="429"} 1`,
		`parley_http_request_seconds_bucket{route="/",le="0.1"} 1`,
		`parley_http_request_seconds_bucket{route="/",le="0.5"} 1`,
		`parley_http_request_seconds_bucket{route="/",le="1"} 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("%s isn't there", line)
		}
	}
}

// BenchmarkObserve measures what the metrics of one message cost, with traces off.
func BenchmarkObserve(b *testing.B) {
	m := NewMetrics("a:1", "v", sources())
	var off *Traces
	offset := int64(1)
	message := chat.Message{ID: uuid.New(), SentAt: chat.At(time.Now()), LogOffset: &offset}
	for b.Loop() {
		began := time.Now()
		message.Trace = off.Accept(chat.RequestInfo{}, message)
		m.Appended(message, began, nil)
		off.Appended(message, began, nil)
		m.Published(message, began, true)
		off.Published(message, began, true)
		m.Sent(chat.ResultAccepted)
		off.Sent(chat.RequestInfo{}, message, chat.ResultAccepted, began, nil)
		m.Delivered(message)
		off.Delivered(message, 1)
	}
}
