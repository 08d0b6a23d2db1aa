package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
)

// fillTopic appends records to the log as the replicas do.
func fillTopic(brokers string, messages []chat.Message) error {
	p, err := kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers":            brokers,
		"acks":                         "all",
		"linger.ms":                    20,
		"go.delivery.reports":          false,
		"queue.buffering.max.messages": 200_000,
	})
	if err != nil {
		return err
	}
	defer p.Close()
	topic := "chat-messages"
	for _, m := range messages {
		value := fmt.Appendf(nil,
			`{"v":1,"id":%q,"conversation_id":%q,"sender_id":%q,"client_id":%q,"body":%q,"sent_at":%q}`,
			m.ID, m.ConversationID, m.Sender.ID, m.ClientID, m.Body, m.SentAt)
		key := []byte(m.ConversationID.String())
		record := &kafka.Message{TopicPartition: anyPartition(&topic), Key: key, Value: value}
		if err := p.Produce(record, nil); err != nil {
			return err
		}
	}

	if left := p.Flush(30_000); left > 0 {
		return fmt.Errorf("%d records were not taken", left)
	}
	return nil
}

// storedRows returns the number of stored messages: the sum of the
// conversations' last seqs, which have no gaps. Counting rows would cost the
// server that is being measured.
func storedRows(ctx context.Context, conn *pgx.Conn) (n int64, err error) {
	err = conn.QueryRow(ctx, `
		SELECT coalesce(sum((
			SELECT seq FROM messages m WHERE m.conversation_id = c.id ORDER BY seq DESC LIMIT 1
		)), 0)::bigint
		FROM conversations c`).Scan(&n)
	return n, err
}

// awaitRows waits until the messages are stored, and returns when the first and
// the last of two counts were reached.
func awaitRows(ctx context.Context, conn *pgx.Conn, first, last int64) (at, end time.Time, err error) {
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		n, err := storedRows(ctx, conn)
		if err != nil {
			return at, end, err
		}
		if at.IsZero() && n >= first {
			at = time.Now()
		}
		if n >= last {
			return at, time.Now(), nil
		}
	}
	return at, end, errors.New("the topic was not drained in time")
}
