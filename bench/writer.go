package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"

	"parley/app/chat"
	"parley/app/postgres"
)

const (
	writerRows   = 60_000
	writerRounds = 5
	writerBatch  = 1000
	writerTalks  = 300
	wholeRows    = 300_000 // a replica that has just started needs a second to be warm
)

// writer measures how fast a full topic is stored, beside COPY of the same rows into a table with the same indexes: the store alone, and
// the whole with Kafka and `stored` included. Every tenth record is a duplicate.
func writer(ctx context.Context, l *local) error {
	if l.set == nil {
		return fmt.Errorf("the floor needs the database: run without -target")
	}
	talks, sender, err := someTalks(l)
	if err != nil {
		return err
	}
	l.stop() // its writer would take part
	conn, err := pgx.Connect(ctx, l.set.Postgres.URL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	pgxuuid.Register(conn.TypeMap()) // as the store does: else the floor would write uuids by way of their text
	if _, err := conn.Exec(ctx, "CREATE TABLE floor (LIKE messages INCLUDING ALL)"); err != nil {
		return err
	}
	s, err := postgres.Open(l.set.Postgres.URL)
	if err != nil {
		return err
	}
	defer s.Close()
	w := s.NewWriter()
	defer w.Close()
	next := map[uuid.UUID]int64{}
	var copies, stores, ratios []float64
	for round := range writerRounds + 1 {
		messages := someMessages(round, writerRows, talks, sender)
		copied, err := timeCopy(ctx, conn, messages, next)
		if err != nil {
			return err
		}
		stored, err := timeStore(ctx, w, messages)
		if err != nil {
			return err
		}
		if round == 0 {
			continue // warm
		}
		copies, stores, ratios = append(copies, writerRows/copied.Seconds()), append(stores, writerRows/stored.Seconds()), append(ratios, copied.Seconds()/stored.Seconds())
	}
	fmt.Printf("  records/s, medians of %d rounds of %d, 10 %% duplicates, batches of %d\n", writerRounds, writerRows, writerBatch)
	fmt.Printf("    COPY, same rows and indexes  %8.0f\n    the store alone              %8.0f   %.2f of COPY (%.2f–%.2f)\n",
		median(copies), median(stores), median(ratios), slices.Min(ratios), slices.Max(ratios))
	return wholeWriter(ctx, l, conn, talks, sender, next)
}

// wholeWriter fills the topic while no replica runs, then times a replica that drains it.
func wholeWriter(ctx context.Context, l *local, conn *pgx.Conn, talks []uuid.UUID, sender chat.Person, next map[uuid.UUID]int64) error {
	var wholes, ratios []float64
	for round := range 3 {
		messages := someMessages(100+round, wholeRows, talks, sender)
		copied, err := timeCopy(ctx, conn, messages, next)
		if err != nil {
			return err
		}
		if err := fill(l.set.Kafka.URL, messages); err != nil {
			return err
		}
		before, err := storedRows(ctx, conn)
		if err != nil {
			return err
		}
		if err := l.start(); err != nil {
			return err
		}
		// From a tenth to the whole, so that joining the group isn't counted.
		tenth, end, err := awaitRows(ctx, conn, before+distinct(messages)/10, before+distinct(messages))
		l.stop()
		if err != nil {
			return err
		}
		rate := float64(len(messages)) * .9 / end.Sub(tenth).Seconds()
		wholes, ratios = append(wholes, rate), append(ratios, rate*copied.Seconds()/float64(len(messages)))
	}
	fmt.Printf("    with Kafka and stored        %8.0f   %.2f of COPY (%.2f–%.2f)\n", median(wholes), median(ratios), slices.Min(ratios), slices.Max(ratios))
	return nil
}

func someTalks(l *local) (talks []uuid.UUID, sender chat.Person, err error) {
	ada, err := signIn(l.base, "Ada")
	if err != nil {
		return nil, sender, err
	}
	for i := range writerTalks {
		friend, err := signIn(l.base, fmt.Sprintf("Friend %d", i))
		if err != nil {
			return nil, sender, err
		}
		talk, err := ada.opens(friend)
		if err != nil {
			return nil, sender, err
		}
		talks = append(talks, uuid.MustParse(talk[len("/conversations/"):]))
	}
	return talks, chat.Person{ID: uuid.MustParse(ada.id)}, nil
}

// someMessages are a round's records: every tenth repeats one a little earlier.
func someMessages(round, rows int, talks []uuid.UUID, sender chat.Person) []chat.Message {
	messages := make([]chat.Message, 0, rows)
	for i := range rows {
		offset := int64(round*wholeRows + i)
		if i%10 == 9 {
			m := messages[i-5]
			m.LogOffset = &offset
			messages = append(messages, m)
			continue
		}
		talk, client, body := talks[i*7%len(talks)], chat.NewID(), fmt.Sprintf("Straps, planks, gloves, and the long rope from the shed, second hook (%d)", i)
		messages = append(messages, chat.Message{ID: chat.MessageID(sender.ID, talk, client, body), ConversationID: talk, LogOffset: &offset, ClientID: client, Sender: sender, Body: body, SentAt: chat.At(time.Now())})
	}
	return messages
}

func distinct(messages []chat.Message) int64 { return int64(len(messages) - len(messages)/10) }

// timeCopy is the floor: the distinct rows, numbered beforehand, sorted as the indexes are, in transactions of a batch.
func timeCopy(ctx context.Context, conn *pgx.Conn, messages []chat.Message, next map[uuid.UUID]int64) (time.Duration, error) {
	var batches [][][]any
	for batch := range slices.Chunk(messages, writerBatch) {
		seen := map[uuid.UUID]bool{}
		var rows [][]any
		for _, m := range batch {
			if seen[m.ID] {
				continue
			}
			seen[m.ID] = true
			next[m.ConversationID]++
			rows = append(rows, []any{m.ConversationID, next[m.ConversationID], m.ID, m.Sender.ID, m.ClientID, *m.LogOffset, m.Body, m.SentAt.Time})
		}
		slices.SortFunc(rows, func(a, b []any) int {
			x, y := a[0].(uuid.UUID), b[0].(uuid.UUID)
			if c := slices.Compare(x[:], y[:]); c != 0 {
				return c
			}
			return int(a[1].(int64) - b[1].(int64))
		})
		batches = append(batches, rows)
	}
	columns := []string{"conversation_id", "seq", "id", "sender_id", "client_id", "log_offset", "body", "sent_at"}
	begin := time.Now()
	for _, rows := range batches {
		if _, err := conn.CopyFrom(ctx, pgx.Identifier{"floor"}, columns, pgx.CopyFromRows(rows)); err != nil {
			return 0, err
		}
	}
	return time.Since(begin), nil
}

func timeStore(ctx context.Context, w *postgres.Writer, messages []chat.Message) (time.Duration, error) {
	begin := time.Now()
	for batch := range slices.Chunk(messages, writerBatch) {
		if _, err := w.StoreBatch(ctx, batch); err != nil {
			return 0, err
		}
	}
	return time.Since(begin), nil
}

// fill appends records as the replicas do.
func fill(brokers string, messages []chat.Message) error {
	p, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": brokers, "acks": "all", "linger.ms": 20, "go.delivery.reports": false, "queue.buffering.max.messages": 200_000})
	if err != nil {
		return err
	}
	defer p.Close()
	topic := "chat-messages"
	for _, m := range messages {
		value := fmt.Appendf(nil, `{"v":1,"id":%q,"conversation_id":%q,"sender_id":%q,"client_id":%q,"body":%q,"sent_at":%q}`, m.ID, m.ConversationID, m.Sender.ID, m.ClientID, m.Body, m.SentAt)
		if err := p.Produce(&kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: kafka.PartitionAny}, Key: []byte(m.ConversationID.String()), Value: value}, nil); err != nil {
			return err
		}
	}
	if left := p.Flush(30_000); left > 0 {
		return fmt.Errorf("%d records were not taken", left)
	}
	return nil
}

// storedRows adds up the conversations' last numbers: they have no gaps, and counting rows would cost the server what is being measured.
func storedRows(ctx context.Context, conn *pgx.Conn) (n int64, err error) {
	err = conn.QueryRow(ctx, `SELECT coalesce(sum((SELECT seq FROM messages m WHERE m.conversation_id = c.id ORDER BY seq DESC LIMIT 1)), 0)::bigint FROM conversations c`).Scan(&n)
	return n, err
}

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
	return at, end, fmt.Errorf("the topic was not drained in time")
}
