package kafka

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"

	"parley/app/chat"
	"parley/app/status"
)

const (
	// StateWaiting is the state of a dead letter until an operator decides.
	StateWaiting = "waiting"
	// StateReplayed means that the record was appended to the log again.
	StateReplayed = "replayed"
	// StateDiscarded means that nobody wants the message.
	StateDiscarded = "discarded"
)

// deadLettersTimeout bounds the reading of the whole topic of dead letters.
const deadLettersTimeout = 30 * time.Second

// DeadLetter is a record that could not be stored.
type DeadLetter struct {
	ID             string // partition-offset in the topic of dead letters
	Origin         string // partition-offset in the log
	Reason         string
	DeadLetteredAt string // when it was appended, in RFC 3339
	State          string
	Key            []byte
	Value          []byte
}

// Message decodes the record. ok reports whether it has a message, whose text may break the
// rules.
func (d DeadLetter) Message() (m chat.Message, ok bool) {
	m, err := decode(d.Value, 0)
	return m, m.ID != uuid.Nil && (err == nil || isContent(err))
}

// Status returns what operators see of the dead letter; its text only if withText is true.
func (d DeadLetter) Status(withText bool) status.DeadLetter {
	s := status.DeadLetter{
		ID:             d.ID,
		Origin:         d.Origin,
		State:          d.State,
		Reason:         d.Reason,
		DeadLetteredAt: d.DeadLetteredAt,
		Bytes:          len(d.Value),
	}
	text := string(d.Value)
	if m, ok := d.Message(); ok {
		s.MessageID, s.ConversationID = m.ID.String(), m.ConversationID.String()
		s.SenderID, s.SentAt = m.Sender.ID.String(), m.SentAt.String()
		text = m.Body
	}
	if withText {
		s.Text = text
	}
	return s
}

// DeadLetters reads the whole topic of dead letters, oldest first, with their states. A record
// that was dead-lettered several times is listed once.
func DeadLetters(ctx context.Context, o Options) ([]DeadLetter, error) {
	records, err := readDeadLetterTopic(ctx, o)
	if err != nil {
		return nil, err
	}

	var list []DeadLetter
	canonical := map[string]string{} // id → id of the first dead letter with the same record
	firstOf := map[string]string{}   // record → id of its first dead letter
	for _, m := range records {
		if header(m, headerResolves) != "" {
			continue
		}
		id := fmt.Sprintf("%d-%d", m.TopicPartition.Partition, m.TopicPartition.Offset)
		origin := header(m, headerPartition) + "-" + header(m, headerOffset)
		// The value is compared too, because a topic that was created again has other records
		// at the same offsets.
		record := fmt.Sprintf("%s %x", origin, sha256.Sum256(m.Value))
		if first, ok := firstOf[record]; ok {
			canonical[id] = first
			continue
		}
		firstOf[record], canonical[id] = id, id
		list = append(list, DeadLetter{
			ID:             id,
			Origin:         origin,
			Reason:         header(m, headerReason),
			DeadLetteredAt: header(m, headerDeadLetteredAt),
			State:          StateWaiting,
			Key:            m.Key,
			Value:          m.Value,
		})
	}

	resolutions := map[string]string{} // id → state
	for _, m := range records {
		if id := header(m, headerResolves); id != "" {
			resolutions[canonical[id]] = header(m, headerResolution)
		}
	}
	for i := range list {
		list[i].State = cmp.Or(resolutions[list[i].ID], list[i].State)
	}
	return list, nil
}

func readDeadLetterTopic(ctx context.Context, o Options) (records []*kafka.Message, err error) {
	for m, err := range readTopic(ctx, o, reading{topic: o.DeadTopic, timeout: deliveryTimeout}) {
		if err != nil {
			return nil, err
		}
		records = append(records, m)
	}
	slices.SortStableFunc(records, func(a, b *kafka.Message) int {
		return cmp.Compare(a.TopicPartition.Partition, b.TopicPartition.Partition)
	})
	return records, nil
}

// isOf reports whether d is the dead letter of this record of the log. The values are compared
// too, because a topic that was created again has other records at the same offsets.
func (d DeadLetter) isOf(r *kafka.Message) bool {
	tp := r.TopicPartition
	if d.Origin != fmt.Sprintf("%d-%d", tp.Partition, int64(tp.Offset)) {
		return false
	}
	return bytes.Equal(d.Value, r.Value) || len(d.Value) == cutBytes && bytes.HasPrefix(r.Value, d.Value)
}
