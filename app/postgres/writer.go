package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"parley/app/chat"
	"parley/db/queries"
)

// Writer stores batches from the log. One goroutine uses it.
//
// It caches the last seq of the conversations that it wrote, and who once was a member, so
// it doesn't read them for every batch. It never caches whom the events of a group concern.
// The unique keys reject a seq that is too low. A seq that is too high would leave a gap, so
// the writer drops its cache on any error and on any reconnect, after which a failover may
// have lost a commit. For that reason it has a connection of its own instead of the pool's.
//
// It also remembers the ids that it stored last. With them it doesn't read which
// messages of a batch are already stored: the unique key detects others. After it
// has dropped its cache it does read them, until verifyCount batches in a row had
// no unexpected duplicate.
type Writer struct {
	store         *Store
	conn          *pgx.Conn // nil before the first batch and after an error
	conversations map[uuid.UUID]*conversationState
	senders       senders
	recent        recentSeqs
	verifyBatches int // for how many batches stored messages are still read
}

type conversationState struct {
	lastSeq int64
	direct  *chat.Audience // of a direct conversation, whose members never change; else nil
}

// maxConversations bounds the cache, at about 200 bytes for each conversation.
const maxConversations = 200_000

// verifyCount covers the batches that may be redelivered after a rebalance: they
// are the first ones.
const verifyCount = 16

// batchTimeout bounds the transactions of one batch.
const batchTimeout = 15 * time.Second

// NewWriter returns a writer with an empty cache. It connects with the first batch.
func (s *Store) NewWriter() *Writer {
	return &Writer{store: s, conversations: map[uuid.UUID]*conversationState{}, senders: senders{}, verifyBatches: verifyCount}
}

// StoreBatch stores messages in one transaction, each conversation's in the given
// order, and skips those that are already stored. Every message must have a
// LogOffset. The result names all of the messages. An error that wraps
// chat.ErrContent will recur for the same messages; after any other error the same
// batch may be retried.
func (w *Writer) StoreBatch(ctx context.Context, messages []chat.Message) ([]chat.StoredConversation, error) {
	ctx, cancel := context.WithTimeout(ctx, batchTimeout)
	defer cancel()

	var b *batch
	err := retryOnConflict(ctx, func() (err error) {
		if b, err = w.storeOnce(ctx, messages); err != nil {
			w.Forget()
			if !serverReplied(err) || chat.KindOf(err) == chat.KindUnavailable {
				w.Close() // the server is down, or perhaps no longer the primary
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}

	w.remember(b)
	return w.result(b, messages), nil
}

// remember updates the cache after a commit.
func (w *Writer) remember(b *batch) {
	for id, last := range b.lastSeqs {
		w.conversations[id].lastSeq = last
	}
	for id, seq := range b.seqs {
		w.recent.add(id, seq)
	}
	switch {
	case b.unexpectedDuplicates > 0:
		w.verifyBatches = verifyCount
	case w.verifyBatches > 0:
		w.verifyBatches--
	}
}

// Close closes the writer's connection. The next batch opens a new one.
func (w *Writer) Close() {
	if w.conn == nil {
		return
	}
	closeConn(w.conn)
	w.conn = nil
}

// Forget drops the cache: after an error, and when partitions were assigned or
// revoked.
func (w *Writer) Forget() {
	clear(w.conversations)
	clear(w.senders)
	w.recent, w.verifyBatches = recentSeqs{}, verifyCount
}

func (w *Writer) connect(ctx context.Context) error {
	if w.conn != nil && !w.conn.IsClosed() {
		return nil
	}
	w.Forget()
	conn, err := w.store.breaker.connect(ctx, w.store.breaker.direct.Copy())
	if err != nil {
		return mapError(err)
	}
	if err = prepareSession(ctx, conn, false); err != nil {
		closeConn(conn)
		w.store.breaker.trip()
		return chat.Unavailable("postgres", err)
	}
	w.conn = conn
	return nil
}

func (w *Writer) storeOnce(ctx context.Context, messages []chat.Message) (*batch, error) {
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	b := &batch{lastSeqs: map[uuid.UUID]int64{}}
	err := inTx(ctx, w.conn, func(q *queries.Queries) error {
		if err := w.findDuplicates(ctx, q, b, messages); err != nil {
			return err
		}
		if err := w.loadLastSeqs(ctx, q, b, messages); err != nil {
			return err
		}
		b.assignSeqs(messages)
		if err := b.checkSenders(ctx, q, w.senders); err != nil {
			return err
		}
		if err := b.insert(ctx, q); err != nil {
			return err
		}
		return w.loadAudiences(ctx, q, b)
	})
	return b, err
}

// loadAudiences sets whom the events of the batch concern: from the cache for direct
// conversations that were written before, else from the database.
func (w *Writer) loadAudiences(ctx context.Context, q *queries.Queries, b *batch) error {
	b.audiences = make(map[uuid.UUID]chat.Audience, len(b.lastSeqs))
	var missing []uuid.UUID
	for id := range b.lastSeqs {
		if c := w.conversations[id]; c.direct != nil {
			b.audiences[id] = *c.direct
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}

	rows, err := q.Audiences(ctx, missing)
	if err != nil {
		return err
	}
	for _, row := range rows {
		to := audience(row.ID, row.Channel, row.People)
		b.audiences[row.ID] = to
		if chat.ConversationKind(row.Kind) == chat.DirectConversation {
			w.conversations[row.ID].direct = &to
		}
	}
	return nil
}

// findDuplicates finds the messages that are already stored: among the remembered
// ids, or in the database while batches are verified.
func (w *Writer) findDuplicates(ctx context.Context, q *queries.Queries, b *batch, messages []chat.Message) error {
	if w.verifyBatches == 0 {
		b.seqs = make(map[uuid.UUID]int64, len(messages))
		for _, m := range messages {
			if seq, ok := w.recent.seq(m.ID); ok {
				b.seqs[m.ID] = seq
			}
		}
		return nil
	}

	if err := b.loadStored(ctx, q, messages); err != nil {
		return err
	}
	for id := range b.seqs {
		if _, ok := w.recent.seq(id); !ok {
			b.unexpectedDuplicates++
		}
	}
	return nil
}

// loadLastSeqs sets each conversation's last seq from the cache, or else from the
// database.
func (w *Writer) loadLastSeqs(ctx context.Context, q *queries.Queries, b *batch, messages []chat.Message) error {
	if len(w.conversations) > maxConversations {
		w.Forget()
	}

	var missing []uuid.UUID
	for _, m := range messages {
		if _, ok := b.lastSeqs[m.ConversationID]; ok {
			continue
		}
		b.lastSeqs[m.ConversationID] = 0
		if c, ok := w.conversations[m.ConversationID]; ok {
			b.lastSeqs[m.ConversationID] = c.lastSeq
		} else {
			missing = append(missing, m.ConversationID)
		}
	}
	if len(missing) == 0 {
		return nil
	}

	rows, err := q.LastSeqs(ctx, missing)
	if err != nil {
		return err
	}
	if len(rows) < len(missing) {
		return fmt.Errorf("%w: no such conversation", chat.ErrContent)
	}
	for _, row := range rows {
		b.lastSeqs[row.ID] = row.LastSeq
		w.conversations[row.ID] = &conversationState{lastSeq: row.LastSeq}
	}
	return nil
}

// result groups the messages by conversation, in the order of their seqs.
func (w *Writer) result(b *batch, messages []chat.Message) []chat.StoredConversation {
	index := make(map[uuid.UUID]int, len(b.lastSeqs))
	result := make([]chat.StoredConversation, 0, len(b.lastSeqs))
	for _, m := range messages {
		i, ok := index[m.ConversationID]
		if !ok {
			i = len(result)
			index[m.ConversationID] = i
			result = append(result, chat.StoredConversation{
				ConversationID: m.ConversationID,
				Audience:       b.audiences[m.ConversationID],
			})
		}

		c := &result[i]
		c.Messages = append(c.Messages, chat.StoredID{ID: m.ID, Seq: b.seqs[m.ID]})
		if c.Through == nil || *m.LogOffset > *c.Through {
			c.Through = m.LogOffset
		}
	}

	for _, c := range result {
		slices.SortFunc(c.Messages, compareSeqs)
	}
	return result
}
