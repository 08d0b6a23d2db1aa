package devservices

import (
	"strings"
	"testing"
	"time"
)

// TestReport: each line has the address that other programs need, without the password in it.
func TestReport(t *testing.T) {
	var out strings.Builder
	Report(&out, []Service{
		{
			Name:     "postgres",
			Product:  "PostgreSQL",
			Location: "/data/postgres",
			URL:      "postgres://parley:secret@127.0.0.1:5001/postgres?sslmode=disable",
			Embedded: true,
			ReadyIn:  time.Second,
		},
		{Name: "redis", Product: "Redis (miniredis)", URL: "redis://127.0.0.1:5002/0", Embedded: true},
		{Name: "kafka", Product: "Kafka (kfake)", URL: "127.0.0.1:5003", Embedded: true},
		{Name: "redis", Product: "Redis", Location: "REDIS_URL"},
	})

	lines := strings.Split(out.String(), "\n")
	for i, want := range []string{
		"embedded 127.0.0.1:5001 ready in 1s /data/postgres",
		"embedded 127.0.0.1:5002",
		"embedded 127.0.0.1:5003",
		"redis Redis yours REDIS_URL",
	} {
		if got := strings.Join(strings.Fields(lines[i]), " "); !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}

	if strings.Contains(out.String(), "secret") {
		t.Errorf("the report has the password: %s", out.String())
	}
}
