package integration

import (
	"strings"
	"testing"
	"time"

	"parley/app/telemetry"
	"parley/test/wait"
)

// TestExportedTrace: a message has one trace from its send to the database, across
// two replicas. The trace id is derived from the message's id.
func TestExportedTrace(t *testing.T) {
	t.Parallel()
	c, addresses := startCollector(t), newAddresses(t)
	here, there := c.startReplicaAt(t, addresses), c.startReplicaAt(t, addresses)
	ada, bob := here.signIn("Ada"), there.signIn("Bob")
	conversation := ada.openConversation(bob)
	adaStream, bobStream := ada.openStream(), bob.openStream()
	m := ada.send(conversation, "good morning")
	adaStream.waitFor("message")
	bobStream.waitFor("message")
	id := telemetry.TraceID(m.ID)
	hops := []string{
		"send",
		"append",
		"publish",
		"deliver " + here.replica.Name,
		"deliver " + there.replica.Name,
		"store",
	}
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

	links := bob.page(conversation + "?at=1").Find(`a[href="` + conversation + `/details?at=1"]`).Length()
	if shown := words(bob.page(conversation + "/details?at=1").Find("#trace")); links != 1 || shown != id {
		t.Errorf("%d links to the details, trace id %q", links, shown)
	}
	if body := ada.get(conversation + "/details?at=1").body; !strings.Contains(body, `"trace_id":"`+id+`"`) {
		t.Errorf("details in JSON: %s", body)
	}

	ada.get(conversation + "/details?at=2").expectStatus(404)
	here.signIn("Eve").get(conversation + "/details?at=1").expectStatus(404)
}

// TestSampledTraces: traces that are not sampled are not exported, and their
// messages have no trace id.
func TestSampledTraces(t *testing.T) {
	t.Parallel()
	c := startCollector(t)
	r := c.startReplicaAt(t, newAddresses(t),
		"OTEL_TRACES_SAMPLER", "traceidratio", "OTEL_TRACES_SAMPLER_ARG", "0.5")
	ada, _, conversation := r.signInFriends()
	in, out := 0, 0
	for in == 0 || out == 0 {
		m := ada.send(conversation, "one of many")
		if r.replica.Traces.Of(m.ID) == "" {
			out++
			continue
		}
		in++
		wait.Until(t, "the sampled trace is exported", func() bool {
			return c.of(telemetry.TraceID(m.ID))["store"] != nil
		})
	}

	exported := c.traceIDs()
	if len(exported) != in {
		t.Errorf("%d messages sampled, %d traces exported", in, len(exported))
	}
}

// TestTracingOff: without configuration no trace is exported, and messages carry no
// trace id.
func TestTracingOff(t *testing.T) {
	t.Parallel()
	r := sharedReplica(t)
	ada, _, conversation := r.signInFriends()
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
