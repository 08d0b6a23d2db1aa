package drill

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestWhatIsCounted: each kind of broken promise, in a history that a server made up.
func TestWhatIsCounted(t *testing.T) {
	for name, tt := range map[string]struct {
		history string // text at each seq; "-": that seq isn't there
		want    Row
	}{
		"all is well":            {"Ada 1|Bob 1|Ada 2|Bob 2", Row{}},
		"unacknowledged besides": {"Ada 1|Bob 1|Ada 2|Bob 2|Ada 3", Row{}},
		"one is twice":           {"Ada 1|Bob 1|Ada 1|Ada 2|Bob 2", Row{Duplicated: 1}},
		"two changed places":     {"Ada 2|Ada 1|Bob 1|Bob 2", Row{OutOfOrder: 1}},
		"a number is missing":    {"Ada 1|Bob 1|-|Ada 2|Bob 2", Row{OutOfOrder: 1}},
		"one is lost":            {"Ada 1|Bob 1|Ada 2", Row{Lost: 1}},
		"all are lost":           {"", Row{Lost: 4}},
	} {
		t.Run(name, func(t *testing.T) {
			messages := []said{}
			for i, body := range strings.Split(tt.history, "|") {
				if body != "" && body != "-" {
					messages = append(messages, said{int64(i + 1), body})
				}
			}
			served := false
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if served {
					messages = messages[:0]
				}
				served = true
				_ = json.NewEncoder(w).Encode(map[string]any{"messages": messages, "pending": []int{}, "complete": true})
			}))
			defer server.Close()
			talks := &talks{
				bases: []string{server.URL}, settle: settleTimeout, ready: map[string]bool{}, readTo: map[string]int64{}, seen: map[string]int{}, last: map[*person]int{},
				people: []*person{{name: "Ada", talk: "/t", http: server.Client()}, {name: "Bob", talk: "/t", http: server.Client()}},
				acked:  []acked{{"Ada 1", time.Second}, {"Bob 1", 2 * time.Second}, {"Ada 2", 0}, {"Bob 2", 0}},
			}
			if tt.want.Lost > 0 {
				talks.settle = 500 * time.Millisecond // it waits as long as it may
			}
			got, err := talks.row(context.Background(), "test", time.Now())
			tt.want.Fault, tt.want.Acknowledged, tt.want.Outage = "test", 4, 2*time.Second
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
			if got.broken() != (name != "all is well" && name != "unacknowledged besides") {
				t.Errorf("broken: %v", got.broken())
			}
		})
	}
}

func TestPrint(t *testing.T) {
	var b strings.Builder
	if err := Print(&b, []Row{{"Redis killed", 40 * time.Millisecond, 1234, 0, 1, 0, time.Minute}}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if got := strings.Join(strings.Fields(lines[1]), " "); got != "Redis killed 0.04 s 1234 0 1 0 60.00 s" || len(lines) != 3 {
		t.Errorf("printed %q", b.String())
	}
}
