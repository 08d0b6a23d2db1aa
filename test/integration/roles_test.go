package integration

import (
	"context"
	"net/http"
	"strings"
	"testing"

	gokafka "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"parley/app/chat"
	"parley/app/kafka"
	"parley/app/replica"
	"parley/test/services"
	"parley/test/wait"
)

// TestRoles: a replica for people takes what they send and stores nothing of it; a writer stores it, and answers probes only.
func TestRoles(t *testing.T) {
	t.Parallel()
	at := newAddresses(t)
	web := startProcess(t, at, "ROLES", "web")
	ada, bob := web.signIn("Ada"), web.signIn("Bob")
	talk := ada.opens(bob)
	m := ada.sends(talk, "hello")
	if p := bob.reads(talk); len(p.Messages) != 0 || len(p.Pending) != 1 || p.Pending[0].ID != m.ID {
		t.Fatalf("without a writer: %+v", p)
	}
	stream := bob.listens()

	writer := startProcess(t, at, "ROLES", "writer")
	stream.hears("stored")
	if p := bob.reads(talk); len(p.Messages) != 1 || p.Messages[0].ID != m.ID {
		t.Errorf("with a writer: %+v", p)
	}
	if strings.Contains(web.logged(), "partitions assigned") {
		t.Error("a replica for people is in the writers' group")
	}
	visitor := &person{instance: writer.instance, http: http.DefaultClient}
	for path, status := range map[string]int{"/healthz": 200, "/readyz": 200, "/": 404, "/signin": 404, "/events": 404, "/conversations": 404, "/static/app.css": 404} {
		if r := visitor.get(path); r.status != status {
			t.Errorf("a writer answers %s with %d", path, r.status)
		}
	}
	if r := visitor.post("/signin/dev", map[string][]string{"name": {"Eve"}}); r.status != 404 {
		t.Errorf("a writer signs somebody in: %d", r.status)
	}
}

// TestADeletedTopicBeginsAnew: what waits in a topic that was made again waits in the tail too, though its offset is below what was stored; so a message that is
// stored directly comes behind it.
func TestADeletedTopicBeginsAnew(t *testing.T) {
	t.Parallel()
	at := newAddresses(t)
	at.RedisURL = ofOurOwn(t, services.Redis).URL
	writer := startProcess(t, at)
	ada, bob := writer.signIn("Ada"), writer.signIn("Bob")
	talk := ada.opens(bob)
	ada.sendsStored(talk, "one", "two", "three")
	writer.stop()
	web := startProcess(t, at, "ROLES", "web")
	ada, bob = ada.elsewhere(web.instance), bob.elsewhere(web.instance)
	deleteTopic(t, at, kafka.Topic+at.Suffix)
	var m chat.Message
	wait.Until(t, "messages go into the topic again", func() bool {
		m = ada.sends(talk, "four")
		return m.LogOffset != nil
	})
	if p := bob.reads(talk); *m.LogOffset > 2 || len(p.Pending) != 1 || p.Pending[0].ID != m.ID {
		t.Errorf("at offset %d it isn't what waits: %+v", *m.LogOffset, p.Pending)
	}
}

// TestWhatRedisMissedComesBeforeWhatIsStoredDirectly: a message from the log whose announcement failed is in the tail once Redis answers again, and so another
// replica, which can't reach the log, stores it before its own. No writer runs.
func TestWhatRedisMissedComesBeforeWhatIsStoredDirectly(t *testing.T) {
	t.Parallel()
	at := newAddresses(t)
	redis := ofOurOwn(t, services.Redis)
	at.RedisURL = redis.URL
	logging := startProcess(t, at, "ROLES", "web")
	ada, bob := logging.signIn("Ada"), logging.signIn("Bob")
	talk := ada.opens(bob)
	if err := redis.Pause(); err != nil {
		t.Fatal(err)
	}
	if m := ada.sends(talk, "in the log"); m.LogOffset == nil {
		t.Fatalf("it isn't in the log: %+v", m)
	}
	if h := ada.reads(talk); len(h.Messages) != 0 {
		t.Fatalf("somebody stored it: %+v", h.Messages)
	}
	if err := redis.Resume(); err != nil {
		t.Fatal(err)
	}
	at.KafkaBrokers = "127.0.0.1:1"
	direct := startProcess(t, at)
	ada, bob = ada.elsewhere(direct.instance), bob.elsewhere(direct.instance)
	wait.Until(t, "the other replica knows what waits", func() bool { return len(bob.reads(talk).Pending) == 1 })
	if m := ada.sends(talk, "stored"); m.Seq == nil || *m.Seq != 2 {
		t.Errorf("it is stored as %+v", m)
	}
	bob.has(talk, "in the log", "stored")
}

func deleteTopic(t *testing.T, at replica.Addresses, topic string) {
	t.Helper()
	admin, err := gokafka.NewAdminClient(&gokafka.ConfigMap{"bootstrap.servers": at.KafkaBrokers})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	results, err := admin.DeleteTopics(context.Background(), []string{topic})
	if err != nil || results[0].Error.Code() != gokafka.ErrNoError {
		t.Fatal(err, results)
	}
}

// TestAWriterIsReadyWhenItCanWrite: one for people is ready with either way to keep a message, a writer needs both.
func TestAWriterIsReadyWhenItCanWrite(t *testing.T) {
	at := newAddresses(t)
	at.KafkaBrokers = "127.0.0.1:1"
	for role, status := range map[string]int{"web": 200, "writer": 503} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			visitor := &person{instance: startReplicaAt(t, at, "ROLES", role), http: http.DefaultClient}
			if r := visitor.get("/readyz"); r.status != status {
				t.Errorf("%d: %s", r.status, r.body)
			}
		})
	}
}
