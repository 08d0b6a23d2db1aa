package devservices

import (
	"strings"
	"testing"
	"time"
)

// TestReportSaysWhereThingsAre: by the address that other programs need, and without the password that is in it.
func TestReportSaysWhereThingsAre(t *testing.T) {
	var out strings.Builder
	Report(&out, []Part{
		{Name: "postgres", What: "PostgreSQL", Where: "/data/postgres", URL: "postgres://parley:secret@127.0.0.1:5001/postgres?sslmode=disable", Embedded: true, ReadyIn: time.Second},
		{Name: "redis", What: "Redis (miniredis)", Where: "memory", URL: "redis://127.0.0.1:5002/0", Embedded: true},
		{Name: "kafka", What: "Kafka (kfake)", Where: "/data/kafka", URL: "127.0.0.1:5003", Embedded: true},
		{Name: "redis", What: "Redis", Where: "REDIS_URL"},
	})
	lines := strings.Split(out.String(), "\n")
	for i, want := range []string{"embedded 127.0.0.1:5001 ready in 1s /data/postgres", "embedded 127.0.0.1:5002", "embedded 127.0.0.1:5003", "redis Redis yours REDIS_URL"} {
		if got := strings.Join(strings.Fields(lines[i]), " "); !strings.Contains(got, want) {
			t.Errorf("%q doesn't say %q", got, want)
		}
	}
	if strings.Contains(out.String(), "secret") {
		t.Errorf("the password is told: %s", out.String())
	}
}
