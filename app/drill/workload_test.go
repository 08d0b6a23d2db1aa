package drill

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/app/client"
	"parley/app/drill/verify"
)

// TestBrokenPromisesAreCounted checks made-up histories, each of which breaks
// one promise.
func TestBrokenPromisesAreCounted(t *testing.T) {
	for name, tt := range map[string]struct {
		stored string // the text at each seq; "-": no message has that seq
		want   Row
	}{
		"everything is stored":     {"Ada 1|Bob 1|Ada 2|Bob 2", Row{}},
		"one more, unacknowledged": {"Ada 1|Bob 1|Ada 2|Bob 2|Ada 3", Row{}},
		"one is there twice":       {"Ada 1|Bob 1|Ada 1|Ada 2|Bob 2", Row{Duplicated: 1}},
		"two are swapped":          {"Bob 1|Ada 2|Ada 1|Bob 2", Row{OutOfOrder: 1}},
		"two people's are swapped": {"Ada 1|Ada 2|Bob 1|Bob 2", Row{OutOfOrder: 1}},
		"a number is missing":      {"Ada 1|Bob 1|-|Ada 2|Bob 2", Row{OutOfOrder: 1}},
		"one is lost":              {"Ada 1|Bob 1|Ada 2", Row{Lost: 1}},
		"all are lost":             {"", Row{Lost: 4}},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(serveHistory(tt.stored))
			defer server.Close()
			ada := &person{Client: client.New(server.URL, client.Options{}), name: "Ada"}
			bob := &person{Client: client.New(server.URL, client.Options{}), name: "Bob", index: 1}

			w := &workload{
				history:  verify.NewHistory(),
				recovery: newRecovery([]string{server.URL}, 2),
				check:    newCheck([]*person{ada, bob}),
			}
			if tt.want.Lost > 0 {
				w.check.timeout = 500 * time.Millisecond // it waits as long as it may
			}

			writeMessages(w.history)

			got, err := w.row(t.Context(), "test", time.Now())
			if got.Outage <= 0 {
				t.Error("no send took any time")
			}

			tt.want.Fault, tt.want.Acknowledged, tt.want.Outage = "test", 4, got.Outage
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}

			if want := tt.want.Lost+tt.want.Duplicated+tt.want.OutOfOrder > 0; got.broken() != want {
				t.Errorf("broken: %v", got.broken())
			}

			again, err := w.check.await(t.Context(), w.history, w.recovery.replica)
			if err != nil || len(again) > 0 {
				t.Errorf("the next phase counts %v again, %v", again, err)
			}
		})
	}
}

// writeMessages has both people write two messages at the same times; Ada's
// third has no answer.
func writeMessages(h *verify.History) {
	for _, n := range []string{"1", "2"} {
		ada, bob := h.Invoke(0, 0, "Ada "+n), h.Invoke(1, 0, "Bob "+n)
		h.Finish(ada, verify.OK)
		h.Finish(bob, verify.OK)
	}

	h.Invoke(0, 0, "Ada 3")
}

// serveHistory serves the messages once, and none after them.
func serveHistory(stored string) http.HandlerFunc {
	messages := []map[string]any{}

	for i, body := range strings.Split(stored, "|") {
		if body != "" && body != "-" {
			messages = append(messages, map[string]any{"seq": i + 1, "body": body})
		}
	}

	return func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"messages": messages, "pending": []int{}, "complete": true})
		messages = messages[:0]
	}
}

func TestPrint(t *testing.T) {
	var b strings.Builder
	if err := Print(&b, []Row{{"Redis killed", 40 * time.Millisecond, 1234, 0, 1, 0, time.Minute}}); err != nil {
		t.Fatal(err)
	}

	lines := strings.Split(b.String(), "\n")

	got := strings.Join(strings.Fields(lines[1]), " ")
	if got != "Redis killed 0.04 s 1234 0 1 0 60.00 s" || len(lines) != 3 {
		t.Errorf("printed %q", b.String())
	}
}

func TestNoRecoveryIsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	r := newRecovery([]string{"http://a", "http://b"}, 4)
	if err := r.await(ctx, time.Now()); err == nil || !strings.Contains(err.Error(), "0 of 4 people") {
		t.Errorf("got %v", err)
	}
}
