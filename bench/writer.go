package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"

	"parley/app/chat"
	"parley/app/postgres"
)

const (
	storeRows           = 60_000
	storeRounds         = 5
	drainRows           = 300_000 // a replica that has just started needs a second to be warm
	drainRounds         = 3
	writerBatch         = 1000
	writerConversations = 300
)

// writer measures how fast a full topic is stored, beside COPY of the same rows
// into a table with the same indexes: first the store alone, then the whole with
// Kafka and the event stored. Every tenth record is a duplicate.
func writer(ctx context.Context, in *installation) error {
	if in.set == nil {
		return errTarget
	}
	ada, ids, err := conversations(ctx, in.base, writerConversations)
	if err != nil {
		return err
	}

	if err := in.replica.Stop(); err != nil { // its writer would take part
		return err
	}
	conn, err := pgx.Connect(ctx, in.set.Postgres.URL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	pgxuuid.Register(conn.TypeMap()) // as the store does: otherwise the floor would write uuids by way of their text
	if _, err := conn.Exec(ctx, "CREATE TABLE floor (LIKE messages INCLUDING ALL)"); err != nil {
		return err
	}

	b := &writerBench{
		in:            in,
		conn:          conn,
		conversations: ids,
		sender:        chat.Person{ID: ada.User.ID},
		next:          map[uuid.UUID]int64{},
	}

	fmt.Printf("  records/s, medians of %d rounds of %d, 10 %% duplicates, batches of %d\n",
		storeRounds, storeRows, writerBatch)
	if err := b.store(ctx); err != nil {
		return err
	}
	return b.drain(ctx)
}

type writerBench struct {
	in            *installation
	conn          *pgx.Conn
	conversations []uuid.UUID
	sender        chat.Person
	next          map[uuid.UUID]int64 // the last numbers in the table floor
}

// rates are records per second, and their ratios to the floor.
type rates struct{ floor, perSecond, ratio []float64 }

func (r *rates) add(records int, floor, took time.Duration) {
	r.floor = append(r.floor, float64(records)/floor.Seconds())
	r.perSecond = append(r.perSecond, float64(records)/took.Seconds())
	r.ratio = append(r.ratio, floor.Seconds()/took.Seconds())
}

func (r *rates) print(name string) {
	fmt.Printf("    %-28s %8.0f   %.2f of COPY (%.2f–%.2f)\n",
		name, median(r.perSecond), median(r.ratio), slices.Min(r.ratio), slices.Max(r.ratio))
}

// store measures the store alone.
func (b *writerBench) store(ctx context.Context) error {
	s, err := postgres.Open(b.in.set.Postgres.URL)
	if err != nil {
		return err
	}
	defer s.Close()
	w := s.NewWriter()
	defer w.Close()

	var r rates
	for round := range storeRounds + 1 {
		messages := b.messages(round, storeRows)
		floor, err := b.copy(ctx, messages)
		if err != nil {
			return err
		}
		begin := time.Now()
		for batch := range slices.Chunk(messages, writerBatch) {
			if _, err := w.StoreBatch(ctx, batch); err != nil {
				return err
			}
		}
		if took := time.Since(begin); round > 0 { // the first warms up
			r.add(storeRows, floor, took)
		}
	}

	fmt.Printf("    %-28s %8.0f\n", "COPY, same rows and indexes", median(r.floor))
	r.print("the store alone")
	return nil
}

// drain fills the topic while no replica runs, and measures a replica that
// stores it.
func (b *writerBench) drain(ctx context.Context) error {
	var r rates
	for round := range drainRounds {
		messages := b.messages(100+round, drainRows)
		floor, err := b.copy(ctx, messages)
		if err != nil {
			return err
		}
		if err := fillTopic(b.in.set.Kafka.URL, messages); err != nil {
			return err
		}
		before, err := storedRows(ctx, b.conn)
		if err != nil {
			return err
		}
		if err := b.in.replica.Start(ctx); err != nil {
			return err
		}
		// From a tenth to the end, so that joining the group doesn't count.
		distinct := int64(len(messages) - len(messages)/10)
		tenth, end, err := awaitRows(ctx, b.conn, before+distinct/10, before+distinct)
		if err != nil {
			return err
		}
		if err := b.in.replica.Stop(); err != nil {
			return err
		}
		r.add(drainRows, floor, end.Sub(tenth)*10/9)
	}
	r.print("with Kafka and stored")
	return nil
}

// messages returns the records of a round. Every tenth repeats one a little
// earlier.
func (b *writerBench) messages(round, rows int) []chat.Message {
	messages := make([]chat.Message, 0, rows)
	for i := range rows {
		offset := int64(round*drainRows + i)
		if i%10 == 9 {
			m := messages[i-5]
			m.LogOffset = &offset
			messages = append(messages, m)
			continue
		}
		conversation, clientID := b.conversations[i*7%len(b.conversations)], chat.NewID()
		body := fmt.Sprintf("Straps, planks, gloves, and the long rope from the shed, second hook (%d)", i)
		messages = append(messages, chat.Message{
			ID:             chat.MessageID(b.sender.ID, conversation, clientID, body),
			ConversationID: conversation,
			LogOffset:      &offset,
			ClientID:       clientID,
			Sender:         b.sender,
			Body:           body,
			SentAt:         chat.At(time.Now()),
		})
	}
	return messages
}

// copy measures the floor: COPY of the distinct rows into the table floor, in
// transactions of a batch, numbered and sorted beforehand as the indexes are.
func (b *writerBench) copy(ctx context.Context, messages []chat.Message) (time.Duration, error) {
	var batches [][][]any
	for batch := range slices.Chunk(messages, writerBatch) {
		batches = append(batches, b.floorRows(batch))
	}

	columns := []string{"conversation_id", "seq", "id", "sender_id", "client_id", "log_offset", "body", "sent_at"}
	begin := time.Now()
	for _, rows := range batches {
		if _, err := b.conn.CopyFrom(ctx, pgx.Identifier{"floor"}, columns, pgx.CopyFromRows(rows)); err != nil {
			return 0, err
		}
	}
	return time.Since(begin), nil
}

func (b *writerBench) floorRows(batch []chat.Message) (rows [][]any) {
	seen := map[uuid.UUID]bool{}
	for _, m := range batch {
		if seen[m.ID] {
			continue
		}
		seen[m.ID] = true
		b.next[m.ConversationID]++
		rows = append(rows, []any{
			m.ConversationID, b.next[m.ConversationID], m.ID, m.Sender.ID,
			m.ClientID, *m.LogOffset, m.Body, m.SentAt.Time,
		})
	}

	slices.SortFunc(rows, func(a, b []any) int {
		x, y := a[0].(uuid.UUID), b[0].(uuid.UUID)
		if c := slices.Compare(x[:], y[:]); c != 0 {
			return c
		}
		return int(a[1].(int64) - b[1].(int64))
	})
	return rows
}
