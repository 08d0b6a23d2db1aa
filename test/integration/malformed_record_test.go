package integration

import (
	"context"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"parley/app/kafka"
	"parley/test/wait"
)

// TestMalformedRecord: a malformed record does not stop the message writer, which
// dead-letters the record with its reason.
func TestMalformedRecord(t *testing.T) {
	t.Parallel()
	r := startReplica(t)
	ada, _, conversation := r.signInFriends()
	client, err := kgo.NewClient(
		kgo.SeedBrokers(r.addresses.KafkaBrokers),
		kgo.ConsumeTopics(kafka.DeadTopic+r.addresses.Suffix),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	key := []byte(path.Base(conversation))
	bad := &kgo.Record{Topic: kafka.Topic + r.addresses.Suffix, Key: key, Value: []byte("not JSON")}
	must(t, client.ProduceSync(context.Background(), bad).FirstErr())

	ada.send(conversation, "after it")
	wait.Until(t, "the message after the malformed record is stored", func() bool {
		return ada.read(conversation).Conversation.LastSeq == 1
	})
	records := client.PollFetches(context.Background()).Records()
	if len(records) != 1 || string(records[0].Value) != "not JSON" ||
		!slices.ContainsFunc(records[0].Headers, func(h kgo.RecordHeader) bool {
			return h.Key == "reason" && strings.Contains(string(h.Value), "not a record")
		}) {
		t.Errorf("dead letters: %v", records)
	}
}
