package kafka

import (
	"testing"

	"github.com/google/uuid"

	"parley/app/chat"
)

// TestLocate: partitions have the same offsets, so the message's id identifies its record.
func TestLocate(t *testing.T) {
	t.Parallel()
	o := newLog(t)
	o.Replica = "here:8000"
	p := newProducer(t, o)
	var all []chat.Message
	for range 12 { // conversations: each partition has some of them
		m := message(uuid.New(), "words")
		offset := mustAppend(t, p, m)
		m.LogOffset = &offset
		all = append(all, m)
	}

	for _, m := range all {
		found, ok, err := Locate(ctx, o, m.ID, *m.LogOffset)
		if err != nil || !ok || found.Replica != "here:8000" || found.At.IsZero() ||
			found.ConversationID != m.ConversationID || found.SenderID != m.Sender.ID ||
			!found.SentAt.Equal(m.SentAt.Time) {
			t.Errorf("found %+v, %t, %v of %+v", found, ok, err, m)
		}
	}
	for name, offset := range map[string]int64{
		"another record's offset": *all[0].LogOffset + 1,
		"after the end":           1000,
	} {
		if found, ok, err := Locate(ctx, o, all[0].ID, offset); ok || err != nil {
			t.Errorf("%s: %+v, %t, %v", name, found, ok, err)
		}
	}

	o.Brokers = "127.0.0.1:1"
	if _, ok, err := Locate(ctx, o, all[0].ID, 0); ok || err == nil {
		t.Errorf("while the log is down: %t, %v", ok, err)
	}
}
