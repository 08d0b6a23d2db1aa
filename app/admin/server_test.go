package admin

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/app/status"
)

// fakeBackend is a replica whose Redis doesn't answer.
type fakeBackend struct{ Backend }

func (fakeBackend) Kafka(context.Context) (status.KafkaState, error) {
	return status.KafkaState{
		Topic:             "chat-messages",
		ReplicationFactor: 3,
		Partitions:        []status.LogPartition{{Number: 0, InSync: 2, End: 1510, Committed: 10}},
	}, nil
}
func (fakeBackend) Records(context.Context) ([]status.LogRecord, error) { return nil, nil }
func (fakeBackend) Postgres(context.Context) (status.PostgresState, error) {
	return status.PostgresState{Version: "17.2", Ping: 1510 * time.Millisecond, Bytes: 1020 << 10, Max: 20}, nil
}

func (fakeBackend) Redis(context.Context) (status.RedisState, error) {
	return status.RedisState{}, errors.New("no Redis")
}
func (fakeBackend) Replicas(context.Context) ([]status.Replica, error) { return nil, nil }
func (fakeBackend) Self() status.Replica {
	return status.Replica{Name: "a:1", State: "ready", Acked: status.Latency{Count: 1, P99: 1510 * time.Millisecond}}
}

func (fakeBackend) Dependencies() []status.Dependency {
	return []status.Dependency{{Name: "redis", Since: time.Now(), Entered: 1}}
}

func (fakeBackend) DeadLetters(context.Context) ([]status.DeadLetter, error) {
	return []status.DeadLetter{{State: "waiting"}, {State: "discarded"}}, nil
}

// request sends a request to the operators' listener.
func request(t *testing.T, host, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	s := New(fakeBackend{}, Options{
		Logger: slog.New(slog.DiscardHandler),
		Static: http.NotFoundHandler(),
		Asset:  func(name string) string { return name },
	})

	r := httptest.NewRequest(http.MethodGet, "http://"+host+path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}

	answer := httptest.NewRecorder()
	s.http.Handler.ServeHTTP(answer, r)
	return answer
}

// TestPipelineAsJSON has the figures of the page, with durations in seconds, and an error
// instead of the figures of a dependency that doesn't answer.
func TestPipelineAsJSON(t *testing.T) {
	for _, answer := range []*httptest.ResponseRecorder{
		request(t, "localhost:9000", "/pipeline?format=json"),
		request(t, "localhost:9000", "/pipeline", "Accept", "application/json"),
	} {
		var f figures
		if err := json.Unmarshal(answer.Body.Bytes(), &f); err != nil {
			t.Fatalf("%v: %s", err, answer.Body)
		}
		if *f.Lag != 1500 || f.Postgres.Ping != 1.51 || f.Redis.Error == "" || f.Kafka.OutOfSync != 1 ||
			*f.DeadLetters != 1 || !f.Dependencies[0].Down || f.Replicas[0].Acked.P99 != 1.51 {
			t.Errorf("figures: %s", answer.Body)
		}
	}
}

// TestFiguresAreWrittenForPeople: without exponents, and with what is wrong marked.
func TestFiguresAreWrittenForPeople(t *testing.T) {
	page := request(t, "localhost:9000", "/pipeline", "Accept", "text/html").Body.String()
	for _, want := range []string{"1,510", "1,020 KiB", "1,500", "1 partition without a copy in sync"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(page, "e+0") {
		t.Error("the page has a number with an exponent")
	}
}

// TestProfilesHaveTheGuardOfThePages: pprof answers on this machine, and not to a page that
// points another name at it.
func TestProfilesHaveTheGuardOfThePages(t *testing.T) {
	if a := request(t, "localhost:9000", "/debug/pprof/goroutine?debug=1"); a.Code != http.StatusOK ||
		!strings.Contains(a.Body.String(), "goroutine profile") {
		t.Errorf("goroutines: status %d: %.100s", a.Code, a.Body)
	}
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile", "/pipeline?format=json"} {
		if a := request(t, "evil.example", path); a.Code != http.StatusMisdirectedRequest {
			t.Errorf("%s under another name: status %d", path, a.Code)
		}
	}
}
