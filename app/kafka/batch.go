package kafka

import (
	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/app/chat"
)

// Batch is a number of records that are stored and committed together.
type Batch struct {
	records     []*kafka.Message // all, in the order of reading
	entries     []entry          // records that are messages
	rejected    []rejected       // records that are not
	revocations map[int32]int    // committer.revocations of the records' partitions when they were read
}

// entry is a record and its message.
type entry struct {
	record   *kafka.Message
	message  chat.Message
	replayed bool // a dead letter that an operator has appended again
}

// rejected is a record that cannot be read, or whose message breaks the rules.
type rejected struct {
	record  *kafka.Message
	message chat.Message // its ID is nil if the record cannot be read
	err     error
}

// add decodes a record and adds it to the batch. An error means that only another release can
// read the record, which was not added.
func (b *Batch) add(r *kafka.Message, revocations map[int32]int) error {
	m, err := decode(r.Value, int64(r.TopicPartition.Offset))
	if isNewer(err) {
		return err
	}

	b.addPassed(r, revocations)
	if err != nil {
		b.rejected = append(b.rejected, rejected{r, m, err})
		return nil
	}
	m.Trace = header(r, headerTrace)
	b.entries = append(b.entries, entry{r, m, header(r, headerReplays) != ""})
	return nil
}

// addPassed adds a record of which only the offset is committed.
func (b *Batch) addPassed(r *kafka.Message, revocations map[int32]int) {
	if b.revocations == nil {
		b.revocations = map[int32]int{}
	}
	b.revocations[r.TopicPartition.Partition] = revocations[r.TopicPartition.Partition]
	b.records = append(b.records, r)
}

func messagesOf(entries []entry) []chat.Message {
	messages := make([]chat.Message, len(entries))
	for i, e := range entries {
		messages[i] = e.message
	}
	return messages
}

// replayedIDs are the ids of messages that had been dead letters.
func replayedIDs(entries []entry) (ids []uuid.UUID) {
	for _, e := range entries {
		if e.replayed {
			ids = append(ids, e.message.ID)
		}
	}
	return ids
}
