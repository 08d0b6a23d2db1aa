package kafka

import "testing"

func TestAnotherPartitionCountIsLeftUnchanged(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	o.Partitions = 5
	if err := EnsureTopics(ctx, o, quiet); err != nil {
		t.Fatal(err)
	}
	topic, err := topicMetadata(newAdminClient(t, o), o.Topic, metadataTimeout)
	if err != nil || len(topic.Partitions) != 3 {
		t.Errorf("the topic has %d partitions, %v; want 3", len(topic.Partitions), err)
	}
}
