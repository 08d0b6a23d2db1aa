package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/db/queries"
)

// Writer stores batches from the log. It remembers the last seq and the members of the conversations that it wrote, which saves
// reading them for every batch. The unique keys guard against numbers that are too low; against ones that are too high, which would
// leave a gap, it forgets all of them on any error and on any reconnect (a failover may have lost a commit): so it has a connection
// of its own, not the pool's. One goroutine uses it.
//
// It remembers the ids that it stored last, too, and then doesn't ask which of a batch are stored: the unique key tells of the others. After it has
// forgotten them it asks, until so many batches in a row had nothing that surprised it.
type Writer struct {
	store  *Store
	conn   *pgx.Conn // nil before the first batch and after an error
	known  map[uuid.UUID]*remembered
	recent recentIDs
	doubt  int // how many batches it will ask about
}

type remembered struct {
	last    int64
	members []uuid.UUID
}

// maxRemembered bounds the memory, at about 200 bytes each.
const maxRemembered = 200_000

// doubtFor is a rebalance's worth of batches: what comes again does so at once.
const doubtFor = 16

// batchTimeout bounds one batch's transaction.
const batchTimeout = 15 * time.Second

// NewWriter makes a writer with nothing remembered.
func (s *Store) NewWriter() *Writer {
	return &Writer{store: s, known: map[uuid.UUID]*remembered{}, doubt: doubtFor}
}

// StoreBatch stores messages, each conversation's in the given order, in one transaction, dropping those known. Every message must have a
// LogOffset. The answer names all of them. An error that wraps chat.ErrContent will come again for the same messages; after any other the
// same batch may be tried again.
func (w *Writer) StoreBatch(ctx context.Context, messages []chat.Message) ([]chat.StoredConversation, error) {
	ctx, cancel := context.WithTimeout(ctx, batchTimeout)
	defer cancel()
	var b *batch
	err := retryOnConflict(ctx, func() error {
		var err error
		if b, err = w.transact(ctx, messages); err != nil {
			w.Forget()
			if !serverReplied(err) || chat.KindOf(err) == chat.KindUnavailable { // silent, or perhaps the primary no longer
				w.Close()
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for id, last := range b.last {
		w.known[id].last = last
	}
	switch {
	case b.surprises > 0:
		w.doubt = doubtFor
	case w.doubt > 0:
		w.doubt--
	}
	for id, seq := range b.known {
		w.recent.add(id, seq)
	}
	return w.result(b, messages), nil
}

// Close ends the writer's connection; the next batch makes a new one.
func (w *Writer) Close() {
	if w.conn == nil {
		return
	}
	hangUp(w.conn)
	w.conn = nil
}

func (w *Writer) connect(ctx context.Context) error {
	if w.conn != nil && !w.conn.IsClosed() {
		return nil
	}
	w.Forget()
	conn, err := pgx.ConnectConfig(ctx, w.store.gate.direct.Copy())
	if err == nil {
		w.conn, err = conn, prepare(ctx, conn)
	}
	return mapError(err)
}

// Forget drops what is remembered: after an error, and when partitions came or went.
func (w *Writer) Forget() {
	clear(w.known)
	w.recent, w.doubt = recentIDs{}, doubtFor
}

func (w *Writer) transact(ctx context.Context, messages []chat.Message) (*batch, error) {
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	b := &batch{last: map[uuid.UUID]int64{}}
	err := inTx(ctx, w.conn, func(q *queries.Queries) error {
		if err := w.recognize(ctx, q, b, messages); err != nil {
			return err
		}
		if err := w.recall(ctx, q, b, messages); err != nil {
			return err
		}
		b.number(messages)
		return b.copy(ctx, q)
	})
	return b, err
}

// recognize finds the messages that are stored already: those that it remembers, and in doubt all.
func (w *Writer) recognize(ctx context.Context, q *queries.Queries, b *batch, messages []chat.Message) error {
	if w.doubt == 0 {
		b.known = make(map[uuid.UUID]int64, len(messages))
		for _, m := range messages {
			if seq, ok := w.recent.seq(m.ID); ok {
				b.known[m.ID] = seq
			}
		}
		return nil
	}
	if err := b.readKnown(ctx, q, messages); err != nil {
		return err
	}
	for id := range b.known {
		if _, ok := w.recent.seq(id); !ok {
			b.surprises++
		}
	}
	return nil
}

// recall starts each conversation's numbering from what is remembered, or else stored.
func (w *Writer) recall(ctx context.Context, q *queries.Queries, b *batch, messages []chat.Message) error {
	if len(w.known) > maxRemembered {
		w.Forget()
	}
	var unknown []uuid.UUID
	for _, m := range messages {
		if _, ok := b.last[m.ConversationID]; ok {
			continue
		}
		b.last[m.ConversationID] = 0
		if r, ok := w.known[m.ConversationID]; ok {
			b.last[m.ConversationID] = r.last
		} else {
			unknown = append(unknown, m.ConversationID)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	rows, err := q.WriterState(ctx, unknown)
	if err != nil {
		return err
	}
	if len(rows) < len(unknown) {
		return fmt.Errorf("%w: no such conversation", chat.ErrContent)
	}
	for _, row := range rows {
		b.last[row.ID] = row.LastSeq
		w.known[row.ID] = &remembered{members: row.Members, last: row.LastSeq}
	}
	return nil
}

func (w *Writer) result(b *batch, messages []chat.Message) []chat.StoredConversation {
	at := make(map[uuid.UUID]int, len(b.last))
	result := make([]chat.StoredConversation, 0, len(b.last))
	for _, m := range messages {
		i, ok := at[m.ConversationID]
		if !ok {
			i = len(result)
			at[m.ConversationID] = i
			result = append(result, chat.StoredConversation{ConversationID: m.ConversationID, Members: w.known[m.ConversationID].members})
		}
		c := &result[i]
		c.Messages = append(c.Messages, chat.StoredID{ID: m.ID, Seq: b.known[m.ID]})
		if c.Through == nil || *m.LogOffset > *c.Through {
			c.Through = m.LogOffset
		}
	}
	for _, c := range result {
		slices.SortFunc(c.Messages, func(x, y chat.StoredID) int { return cmp.Compare(x.Seq, y.Seq) })
	}
	return result
}
