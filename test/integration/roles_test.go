package integration

import (
	"context"
	"strings"
	"testing"

	gokafka "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"parley/app/chat"
	"parley/app/kafka"
	"parley/app/replica"
	"parley/test/services"
	"parley/test/wait"
)

// TestRoles: a replica with the role web accepts messages and stores none. One with
// the role writer stores messages and answers only probes.
func TestRoles(t *testing.T) {
	t.Parallel()
	addresses := newAddresses(t)
	web := startProcess(t, addresses, "ROLES", "web")
	ada, bob, conversation := web.signInFriends()
	m := ada.send(conversation, "hello")
	if p := bob.read(conversation); len(p.Messages) != 0 || len(p.Pending) != 1 || p.Pending[0].ID != m.ID {
		t.Fatalf("conversation without a writer: %+v", p)
	}

	bobStream := bob.openStream()
	writer := startProcess(t, addresses, "ROLES", "writer")
	bobStream.waitFor("stored")
	if p := bob.read(conversation); len(p.Messages) != 1 || p.Messages[0].ID != m.ID {
		t.Errorf("conversation with a writer: %+v", p)
	}
	if strings.Contains(web.output(), "partitions assigned") {
		t.Error("a replica with the role web joined the writers' group")
	}

	visitor := writer.visitor()
	for path, status := range map[string]int{
		"/healthz":        200,
		"/readyz":         200,
		"/":               404,
		"/signin":         404,
		"/events":         404,
		"/conversations":  404,
		"/static/app.css": 404,
	} {
		visitor.get(path).expectStatus(status)
	}

	visitor.post("/signin/dev", map[string][]string{"name": {"Eve"}}).expectStatus(404)
}

// TestRecreatedTopic: messages pending in a recreated topic are in the tail although
// their offsets are below those that were stored, so a direct write is ordered after
// them.
func TestRecreatedTopic(t *testing.T) {
	t.Parallel()
	addresses := newAddresses(t)
	addresses.RedisURL = startService(t, services.Redis).URL
	writer := startProcess(t, addresses)
	ada, bob, conversation := writer.signInFriends()
	ada.sendStored(conversation, "one", "two", "three")
	writer.stop()
	web := startProcess(t, addresses, "ROLES", "web")
	ada, bob = ada.onReplica(web.instance), bob.onReplica(web.instance)
	deleteTopic(t, addresses, kafka.Topic+addresses.Suffix)
	var m chat.Message
	wait.Until(t, "a message is appended to the new topic", func() bool {
		m = ada.send(conversation, "four")
		return m.LogOffset != nil
	})
	if p := bob.read(conversation); *m.LogOffset > 2 || len(p.Pending) != 1 || p.Pending[0].ID != m.ID {
		t.Errorf("message at offset %d is not pending: %+v", *m.LogOffset, p.Pending)
	}
}

// TestTailAfterRedisOutage: a logged message that was not announced, because Redis
// was down, is in the tail once Redis is up. So another replica, which cannot reach
// the log, stores it before its own direct write. No writer runs.
func TestTailAfterRedisOutage(t *testing.T) {
	t.Parallel()
	addresses := newAddresses(t)
	redis := startService(t, services.Redis)
	addresses.RedisURL = redis.URL
	inLog := startProcess(t, addresses, "ROLES", "web")
	ada, bob, conversation := inLog.signInFriends()
	must(t, redis.Pause())
	if m := ada.send(conversation, "in the log"); m.LogOffset == nil {
		t.Fatalf("the message is not in the log: %+v", m)
	}
	if h := ada.read(conversation); len(h.Messages) != 0 {
		t.Fatalf("the messages were stored without a writer: %+v", h.Messages)
	}

	must(t, redis.Resume())
	addresses.KafkaBrokers = "127.0.0.1:1"
	direct := startProcess(t, addresses)
	ada, bob = ada.onReplica(direct.instance), bob.onReplica(direct.instance)
	wait.Until(t, "the other replica sees the pending message", func() bool {
		return len(bob.read(conversation).Pending) == 1
	})
	if m := ada.send(conversation, "stored"); m.Seq == nil || *m.Seq != 2 {
		t.Errorf("direct write: %+v", m)
	}

	bob.expectMessages(conversation, "in the log", "stored")
}

// deleteTopic deletes a topic as an operator would.
func deleteTopic(t *testing.T, addresses replica.Addresses, topic string) {
	t.Helper()
	admin, err := gokafka.NewAdminClient(&gokafka.ConfigMap{"bootstrap.servers": addresses.KafkaBrokers})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	results, err := admin.DeleteTopics(context.Background(), []string{topic})
	if err != nil || results[0].Error.Code() != gokafka.ErrNoError {
		t.Fatal(err, results)
	}
}

// TestReadinessByRole: without Kafka, a replica with the role web is ready, because
// direct writes are enough. A writer needs Kafka and PostgreSQL.
func TestReadinessByRole(t *testing.T) {
	addresses := newAddresses(t)
	addresses.KafkaBrokers = "127.0.0.1:1"
	for role, status := range map[string]int{"web": 200, "writer": 503} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			visitor := startReplicaAt(t, addresses, "ROLES", role).visitor()
			visitor.get("/readyz").expectStatus(status)
		})
	}
}
