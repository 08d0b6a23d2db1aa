package integration

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/app/chat"
	"parley/app/telemetry"
	"parley/test/wait"
)

// TestTraceparent: a send continues the caller's trace and keeps its sampled flag
// (the default sampler is parent-based). An invalid traceparent is ignored.
func TestTraceparent(t *testing.T) {
	t.Parallel()
	c, addresses := startCollector(t), newAddresses(t)
	here, there := c.startReplicaAt(t, addresses), c.startReplicaAt(t, addresses)
	ada, bob := here.signIn("Ada"), there.signIn("Bob")
	conversation := ada.openConversation(bob)
	bobStream := bob.openStream()
	const callers, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	form := messageForm("traced")
	var sent struct{ Message chat.Message }
	ada.post(conversation+"/messages", form, "Traceparent", "00-"+callers+"-"+parent+"-01").decode(&sent, 201)
	retry := "00-" + strings.Repeat("1", 32) + "-" + parent + "-01"
	ada.post(conversation+"/messages", form, "Traceparent", retry).expectStatus(201) // adds no span
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
	traceID := func(seq int) string {
		return words(bob.page(fmt.Sprintf("%s/details?at=%d", conversation, seq)).Find("#trace"))
	}
	wait.Until(t, "the details show the caller's trace id", func() bool { return traceID(1) == callers })
	for _, kept := range []string{"in the delivery trace", "in the record"} {
		if f, err := here.replica.TraceMessage(context.Background(), id); err != nil || f.TraceID != callers {
			t.Errorf("trace id %s: %q (error %v)", kept, f.TraceID, err)
		}
		here.replica.Redis.Del(context.Background(), "parley:trace:"+id.String())
	}

	for n, traceparent := range []string{
		"00-" + callers + "-" + parent + "-00",
		"00-" + callers + "-" + parent,
		"00-" + strings.Repeat("0", 32) + "-" + parent + "-01",
		"malformed",
	} {
		form.Set("client_id", chat.NewID().String())
		ada.post(conversation+"/messages", form, "Traceparent", traceparent).decode(&sent, 201)
		own := telemetry.TraceID(sent.Message.ID)
		if n == 0 { // valid, and not sampled by the caller
			wait.Until(t, "the message's trace is complete", func() bool {
				f, _ := here.replica.TraceMessage(context.Background(), sent.Message.ID)
				return f.Noted && f.AcceptedBy != "" && f.Stored
			})
			// A page shows the message's own trace id if Redis is too slow.
			wait.Until(t, "the details show no trace id", func() bool { return traceID(2) == "" })
			continue
		}
		wait.Until(t, "traceparent "+traceparent+" is ignored", func() bool { return c.of(own)["store"] != nil })
	}

	exported := c.traceIDs()
	if len(exported) != 4 { // the caller's, and those of three messages
		t.Errorf("%d traces exported: %v", len(exported), exported)
	}
}
