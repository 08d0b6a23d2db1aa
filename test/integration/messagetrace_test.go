package integration

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"parley/app/postgres"
	"parley/app/redis"
	"parley/app/replica"
	"parley/app/status"
	"parley/app/telemetry"
	"parley/test/wait"
)

// TestMessageTrace: every replica knows where a message has been. The trace never
// has its text.
func TestMessageTrace(t *testing.T) {
	t.Parallel()
	here, there := sharedPair(t)
	ada, bob := here.signIn("Ada"), there.signIn("Bob")
	conversation := ada.openConversation(bob)
	adaStream := ada.openStream()
	first, second := bob.openStream(), bob.openStream()
	m := ada.send(conversation, "canary words")
	adaStream.waitFor("stored")
	first.waitFor("stored")
	second.waitFor("stored")
	bob.post(conversation+"/read", url.Values{"seq": {"1"}}).expectStatus(204)
	find := func(r *instance) (f status.MessageTrace) {
		t.Helper()
		f, err := r.replica.TraceMessage(context.Background(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}

	wait.Until(t, "the message's trace is complete", func() bool {
		f := find(there)
		return f.Noted && len(f.Deliveries) == 2 && !f.PublishedAt.IsZero() && !f.StoredAt.IsZero() &&
			f.AcceptedBy != "" && f.Marks[0].Read != nil && *f.Marks[0].Read == 1
	})

	f := find(there)
	if f.AcceptedBy != here.replica.Name || !f.InLog || f.Offset == nil || *f.Offset != *m.LogOffset ||
		f.LoggedAt.IsZero() || !f.Stored || f.Seq != 1 ||
		!f.SentAt.Equal(m.SentAt.Time) || f.Sender != ada.ID || f.Conversation != m.ConversationID ||
		f.TraceID != telemetry.TraceID(m.ID) || len(f.Unknown) > 0 {
		t.Errorf("message trace: %+v", f)
	}

	streams := map[string]int{}
	for _, d := range f.Deliveries {
		streams[d.Replica] = d.Streams
	}

	if streams[here.replica.Name] != 1 || streams[there.replica.Name] != 2 {
		t.Errorf("deliveries by replica: %v", streams)
	}
	if len(f.Marks) != 1 || f.Marks[0].Person != bob.ID || *f.Marks[0].Delivered != 1 {
		t.Errorf("delivered and read marks: %+v", f.Marks)
	}
	if text, err := json.Marshal(f); err != nil || strings.Contains(string(text), "canary") {
		t.Errorf("trace as JSON: error %v: %s", err, text)
	}

	// The delivery trace expires after an hour. Log and database remain.
	must(t, here.replica.Redis.Del(context.Background(), "parley:trace:"+m.ID.String()).Err())

	if f := find(here); f.Noted || f.AcceptedBy != here.replica.Name || !f.InLog || f.Seq != 1 ||
		!f.StoredAt.IsZero() || len(f.Deliveries) > 0 {
		t.Errorf("message trace after the delivery trace expired: %+v", f)
	}

	if _, err := here.replica.TraceMessage(context.Background(), uuid.New()); !errors.Is(err, replica.ErrNothingKnown) {
		t.Errorf("trace of an unknown message: error %v", err)
	}

	offline := replica.Finder{Log: here.replica.KafkaOptions}
	var err error
	if offline.Store, err = postgres.Open("postgres://nobody@127.0.0.1:1/none"); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(offline.Store.Close)
	if offline.Redis, err = redis.NewClient("redis://127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { offline.Redis.Close() })
	if f, err := offline.TraceMessage(context.Background(), m.ID); !errors.Is(err, replica.ErrNothingKnown) ||
		len(f.Unknown) != 2 {
		t.Errorf("with Redis and PostgreSQL down: error %v, trace %+v", err, f)
	}
}
