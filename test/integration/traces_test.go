package integration

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"parley/app/chat"
	"parley/app/telemetry"
	"parley/test/wait"
)

// receiver is a collector that takes OTLP by HTTP.
type receiver struct {
	mu    sync.Mutex
	spans []*tracepb.Span
}

func (c *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var told collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &told) != nil {
		http.Error(w, "not this", http.StatusBadRequest)
		return
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range told.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}

	w.Header().Set("Content-Type", "application/x-protobuf")
}

// of are the spans of a trace, by name; those of deliveries have their replica's name too.
func (c *receiver) of(trace string) map[string]*tracepb.Span {
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

// startReceiver has the environment name a collector, which this process' replicas then tell.
func startCollector(t *testing.T) (*receiver, []string) {
	c := &receiver{}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	settings := []string{"OTEL_EXPORTER_OTLP_ENDPOINT", server.URL, "OTEL_BSP_SCHEDULE_DELAY", "100"}
	for i := 0; i < len(settings); i += 2 {
		t.Setenv(settings[i], settings[i+1])
	}

	return c, settings
}

// TestOneMessagesTrace: from the post to the store, on two replicas, under one id that follows from the message's.
func TestOneMessagesTrace(t *testing.T) {
	c, settings := startCollector(t)
	here := startReplica(t, settings...)
	there := startReplicaAt(t, here.addresses, settings...)
	ada, bob := here.signIn("Ada"), there.signIn("Bob")
	conversation := ada.openConversation(bob)
	adaStream, bobStream := ada.openStream(), bob.openStream()
	m := ada.send(conversation, "good morning")
	adaStream.waitFor("message")
	bobStream.waitFor("message")
	id := telemetry.TraceID(m.ID)
	told := 0
	hops := []string{"send", "append", "publish", "deliver " + here.replica.Name, "deliver " + there.replica.Name, "store"}
	wait.Until(t, "every hop has a span", func() bool {
		spans := c.of(id)
		for _, hop := range hops {
			if spans[hop] == nil {
				return false
			}
		}
		return true
	})

	spans := c.of(id)
	root := spans["send"]
	if len(spans) != len(hops) || len(root.ParentSpanId) != 0 {
		t.Errorf("%d kinds of spans, parent of the first %x", len(spans), root.ParentSpanId)
	}

	for _, hop := range hops {
		s := spans[hop]
		if hop != "send" && hex(s.ParentSpanId) != hex(root.SpanId) {
			t.Errorf("parent of %s: %x, want %x", hop, s.ParentSpanId, root.SpanId)
		}
		if s.StartTimeUnixNano < root.StartTimeUnixNano || s.EndTimeUnixNano < s.StartTimeUnixNano ||
			time.Unix(0, int64(s.StartTimeUnixNano)).Year() < 2020 {
			t.Errorf("span %s from %d to %d", hop, s.StartTimeUnixNano, s.EndTimeUnixNano)
		}
		if got := attribute(s, "parley.message.id"); got != m.ID.String() {
			t.Errorf("span %s has the message id %q", hop, got)
		}
	}

	bob.page(conversation + "?at=1").Find(`a[href="` + conversation + `/details?at=1"]`).Each(func(int, *goquery.Selection) { told++ })
	if shown := words(bob.page(conversation + "/details?at=1").Find("#trace")); told != 1 || shown != id {
		t.Errorf("%d links to the details, trace id %q", told, shown)
	}
	if body := ada.get(conversation + "/details?at=1").body; !strings.Contains(body, `"trace_id":"`+id+`"`) {
		t.Errorf("details in JSON: %s", body)
	}

	ada.get(conversation + "/details?at=2").expectStatus(404)
	here.signIn("Eve").get(conversation + "/details?at=1").expectStatus(404)
}

// TestSampledTraces: what the sampler leaves out is told nowhere, and has no id to show.
func TestSampledTraces(t *testing.T) {
	c, settings := startCollector(t)
	t.Setenv("OTEL_TRACES_SAMPLER", "traceidratio")
	t.Setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
	r := startReplica(t, settings...)
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	conversation := ada.openConversation(bob)
	in, out := 0, 0
	for in == 0 || out == 0 {
		m := ada.send(conversation, "one of many")
		if r.replica.Traces.Of(m.ID) == "" {
			out++
			continue
		}
		in++
		wait.Until(t, "the sampled trace is exported", func() bool { return c.of(telemetry.TraceID(m.ID))["store"] != nil })
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	told := map[string]bool{}
	for _, s := range c.spans {
		told[hex(s.TraceId)] = true
	}

	if len(told) != in {
		t.Errorf("%d messages sampled, %d traces exported", in, len(told))
	}
}

// TestATraceIsContinued: a post's own trace has all the hops, its sampled flag counts with the sampler that heeds it (the default), and what is no
// traceparent is passed over.
func TestATraceIsContinued(t *testing.T) {
	c, settings := startCollector(t)
	here := startReplica(t, settings...)
	there := startReplicaAt(t, here.addresses, settings...)
	ada, bob := here.signIn("Ada"), there.signIn("Bob")
	conversation := ada.openConversation(bob)
	bobStream := bob.openStream()
	const callers, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	form := messageForm("traced")
	var sent struct{ Message chat.Message }
	ada.post(conversation+"/messages", form, "Traceparent", "00-"+callers+"-"+parent+"-01").decode(&sent, 201)
	ada.post(conversation+"/messages", form, "Traceparent", "00-"+strings.Repeat("1", 32)+"-"+parent+"-01").expectStatus(201) // a retry adds nothing
	bobStream.waitFor("message")
	hops := []string{"send", "append", "publish", "deliver " + there.replica.Name, "store"}
	wait.Until(t, "every hop has a span in the caller's trace", func() bool {
		spans := c.of(callers)
		return !slices.ContainsFunc(hops, func(hop string) bool { return spans[hop] == nil })
	})

	spans := c.of(callers)
	if got := hex(spans["send"].ParentSpanId); got != parent {
		t.Errorf("parent of send: %s", got)
	}

	for _, hop := range hops[1:] {
		if got, want := hex(spans[hop].ParentSpanId), hex(spans["send"].SpanId); got != want {
			t.Errorf("parent of %s: %s, want %s", hop, got, want)
		}
	}

	id := sent.Message.ID
	wait.Until(t, "the details show the caller's trace id", func() bool { return words(bob.page(conversation+"/details?at=1").Find("#trace")) == callers })
	for _, kept := range []string{"by the replicas' notes", "by its record"} {
		if f, err := here.replica.TraceMessage(context.Background(), id); err != nil || f.TraceID != callers {
			t.Errorf("trace id %s: %q (error %v)", kept, f.TraceID, err)
		}
		here.replica.Redis.Del(context.Background(), "note:"+id.String())
	}

	for n, traceparent := range []string{"00-" + callers + "-" + parent + "-00", "00-" + callers + "-" + parent, "00-" + strings.Repeat("0", 32) + "-" + parent + "-01", "not one"} {
		form.Set("client_id", chat.NewID().String())
		ada.post(conversation+"/messages", form, "Traceparent", traceparent).decode(&sent, 201)
		own := telemetry.TraceID(sent.Message.ID)
		if n == 0 { // not sampled, says the caller
			wait.Until(t, "the message's trace is complete", func() bool {
				f, _ := here.replica.TraceMessage(context.Background(), sent.Message.ID)
				return f.Noted && f.AcceptedBy != "" && f.Stored
			})
			wait.Until(t, "the details show no trace id", func() bool { return words(bob.page(conversation+"/details?at=2").Find("#trace")) == "" }) // one that Redis is too slow for shows the message's own
			continue
		}
		wait.Until(t, traceparent+" is passed over", func() bool { return c.of(own)["store"] != nil })
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	told := map[string]bool{}
	for _, s := range c.spans {
		told[hex(s.TraceId)] = true
	}

	if len(told) != 4 { // the caller's, and three messages' own
		t.Errorf("%d traces exported: %v", len(told), told)
	}
}

// TestNoTraces: without a word in the environment nothing is traced, and nothing travels with a message.
func TestNoTraces(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, bob := r.signIn("Ada"), r.signIn("Bob")
	conversation := ada.openConversation(bob)
	ada.sendStored(conversation, "unseen")
	m := ada.read(conversation).Messages[0]
	if doc := ada.page(conversation + "/details?at=1"); doc.Find("#message-details").Length() != 1 ||
		doc.Find("#trace").Length() != 0 {
		t.Errorf("message details: %s", words(doc.Find("#message-details")))
	}

	if r.replica.Traces != nil || r.replica.Traces.Of(m.ID) != "" {
		t.Error("the replica exports traces without configuration")
	}
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
