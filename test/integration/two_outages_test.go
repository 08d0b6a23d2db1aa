package integration

import (
	"context"
	"strings"
	"testing"

	"parley/app/postgres/postgrestest"
	"parley/app/telemetry"
	"parley/test/services"
	"parley/test/wait"
)

// TestTwoDependenciesDown: without Kafka and Redis, messages are direct writes
// announced by relay events. Without Kafka and PostgreSQL, sends are rejected.
func TestTwoDependenciesDown(t *testing.T) {
	t.Parallel()
	redis, server := startService(t, services.Redis), postgrestest.Server(t)
	addresses := newAddressesAt(t, server.URL)
	addresses.RedisURL, addresses.KafkaBrokers = redis.URL, "127.0.0.1:1"
	collector := startCollector(t)
	r := collector.startReplicaAt(t, addresses)
	ada, bob, conversation := r.signInFriends()
	direct := ada.send(conversation, "without Kafka")
	wait.Until(t, "the direct write is in the message's trace", func() bool {
		f, err := r.replica.TraceMessage(context.Background(), direct.ID)
		return err == nil && f.StoredBy == r.replica.Name && !f.StoredAt.IsZero() && f.Seq == 1
	})

	wait.Until(t, "the direct write's span is exported", func() bool {
		spans := collector.of(telemetry.TraceID(direct.ID))
		return spans["send"] != nil && spans["store"] != nil &&
			string(spans["store"].ParentSpanId) == string(spans["send"].SpanId)
	})

	bobStream := bob.openStream()
	bob.expectBanner(conversation, "Sending may take a second longer. Every message is still kept.")

	redis.Kill()
	ada.send(conversation, "without Redis too")
	bobStream.waitForMode("redis", "kafka")
	bobStream.waitForResync(conversation)
	bob.expectMessages(conversation, "without Kafka", "without Redis too")
	bob.expectBanner(conversation,
		"Sending may take a second longer. Every message is still kept. We can’t tell who is active.")

	must(t, redis.Start(context.Background()))
	bobStream.waitForMode("kafka")

	must(t, server.Pause())
	bobStream.waitForMode("postgres", "kafka")
	got := ada.post(conversation+"/messages", messageForm("nowhere to keep"))
	if got.status != 503 || !strings.Contains(got.body, `"type":"not-sent"`) ||
		!strings.Contains(got.body, "Not sent. Your words are kept here.") ||
		got.header.Get("Retry-After") == "" {
		t.Errorf("send without a durable path: status %d: %s", got.status, got.body)
	}

	ready := bob.get("/readyz")
	if ready.expectStatus(503); !strings.Contains(ready.body, "no durable path") {
		t.Errorf("readiness: %s", ready.body)
	}
	bob.expectBanner(conversation,
		"Messages can’t be saved right now. What you write stays in the box.")

	must(t, server.Resume())
	bobStream.waitForMode("kafka")
	bob.get("/readyz").expectStatus(200)
	ada.send(conversation, "kept again")
	bob.expectMessages(conversation, "without Kafka", "without Redis too", "kept again")
}
