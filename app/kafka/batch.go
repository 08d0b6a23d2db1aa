package kafka

import (
	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/app/chat"
)

// batch is what was read of the log and is stored together.
type batch struct {
	records []*kafka.Message // all of them, in the order of reading
	entries []entry          // those that are messages
	refused []refused        // those that are not
	taken   map[int32]int    // Writer.taken of their partitions, when they were read
}

// entry is a record and what it says.
type entry struct {
	record   *kafka.Message
	message  chat.Message
	replayed bool // a dead letter that an operator has put back
}

// refused is a record that can't be read, or says what no message may.
type refused struct {
	record  *kafka.Message
	message chat.Message // the nil id when it can't be read
	err     error
}

// attempt is how one transaction went.
type attempt struct {
	stored []chat.StoredConversation
	err    error
}

func (b *batch) add(r *kafka.Message, taken map[int32]int) {
	if b.taken == nil {
		b.taken = map[int32]int{}
	}
	b.taken[r.TopicPartition.Partition] = taken[r.TopicPartition.Partition]
	b.records = append(b.records, r)
	m, err := decode(r.Value, int64(r.TopicPartition.Offset))
	if err != nil {
		b.refused = append(b.refused, refused{r, m, err})
		return
	}
	m.Trace = header(r, headerTrace)
	b.entries = append(b.entries, entry{r, m, header(r, headerReplays) != ""})
}

// replayed are the ids of messages that had been dead letters.
func replayed(entries []entry) (ids []uuid.UUID) {
	for _, e := range entries {
		if e.replayed {
			ids = append(ids, e.message.ID)
		}
	}
	return ids
}

func (b *batch) messages() []chat.Message {
	messages := make([]chat.Message, len(b.entries))
	for i, e := range b.entries {
		messages[i] = e.message
	}
	return messages
}
