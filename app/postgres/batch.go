package postgres

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// contestAttempts bounds how often a transaction that lost a race is tried again; 16 were the most ever needed under stress.
const contestAttempts = 64

// contend runs a transaction until it doesn't lose a race.
func retryOnConflict(ctx context.Context, run func() error) error {
	for attempt := 1; ; attempt++ {
		err := run()
		if err == nil || !contested(err) || attempt == contestAttempts || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(min(time.Duration(attempt)*time.Millisecond, 20*time.Millisecond)):
		case <-ctx.Done():
		}
	}
}

// batch numbers messages inside one transaction.
type batch struct {
	known map[uuid.UUID]int64 // seq by id: stored before, or numbered here
	last  map[uuid.UUID]int64 // last seq by conversation
	rows  []queries.CopyMessagesParams

	surprises int // how many were stored by others, or longer ago than the writer remembers
}

// readKnown asks which messages are stored already.
func (b *batch) readKnown(ctx context.Context, q *queries.Queries, messages []chat.Message) error {
	conversations, ids := make([]uuid.UUID, len(messages)), make([]uuid.UUID, len(messages))
	for i, m := range messages {
		conversations[i], ids[i] = m.ConversationID, m.ID
	}
	slices.SortFunc(conversations, compareIDs)
	rows, err := q.KnownMessages(ctx, queries.KnownMessagesParams{ConversationIds: slices.Compact(conversations), Ids: ids})
	if err != nil {
		return err
	}
	b.known = make(map[uuid.UUID]int64, len(messages))
	for _, row := range rows {
		b.known[row.ID] = row.Seq
	}
	return nil
}

// number gives every message that isn't known the next seq of its conversation, in the given order; one that comes twice gets one.
func (b *batch) number(messages []chat.Message) {
	for _, m := range messages {
		if _, ok := b.known[m.ID]; ok {
			continue
		}
		b.last[m.ConversationID]++
		seq := b.last[m.ConversationID]
		b.known[m.ID] = seq
		b.rows = append(b.rows, queries.CopyMessagesParams{
			ConversationID: m.ConversationID, Seq: seq, ID: m.ID, SenderID: m.Sender.ID, ClientID: m.ClientID,
			LogOffset: m.LogOffset, Body: m.Body, SentAt: m.SentAt.Time,
		})
	}
	// Unsorted, two writers' COPYs into the unique indexes deadlock.
	slices.SortFunc(b.rows, func(x, y queries.CopyMessagesParams) int {
		return cmp.Or(compareIDs(x.ConversationID, y.ConversationID), cmp.Compare(x.Seq, y.Seq))
	})
}

func (b *batch) copy(ctx context.Context, q *queries.Queries) error {
	if len(b.rows) == 0 {
		return nil
	}
	n, err := q.CopyMessages(ctx, b.rows)
	if badContent(err) {
		return refused(err)
	}
	if err == nil && n != int64(len(b.rows)) {
		return errors.New("COPY took fewer rows than it was given")
	}
	return err
}

func compareIDs(x, y uuid.UUID) int { return bytes.Compare(x[:], y[:]) }

// StoreDirect stores messages of one conversation without the log, queueing behind the conversation's advisory lock. The log's
// writer takes no lock: the unique keys settle races with it.
func (s *Store) StoreDirect(ctx context.Context, conversation uuid.UUID, messages []chat.Message) (chat.StoredConversation, error) {
	var result chat.StoredConversation
	err := retryOnConflict(ctx, func() error {
		var err error
		result, err = s.storeDirect(ctx, conversation, messages)
		return err
	})
	return result, err
}

func (s *Store) storeDirect(ctx context.Context, conversation uuid.UUID, messages []chat.Message) (chat.StoredConversation, error) {
	b := batch{last: map[uuid.UUID]int64{}}
	var members []uuid.UUID
	err := s.tx(ctx, func(q *queries.Queries) error {
		// A statement of its own: under READ COMMITTED the next one then sees what the previous holder committed.
		if err := q.LockConversation(ctx, conversation.String()); err != nil {
			return err
		}
		state, err := q.WriterState(ctx, []uuid.UUID{conversation})
		if err != nil {
			return err
		}
		if len(state) == 0 {
			return fmt.Errorf("%w: no such conversation", chat.ErrContent)
		}
		members, b.last[conversation] = state[0].Members, state[0].LastSeq
		if err := b.readKnown(ctx, q, messages); err != nil {
			return err
		}
		b.number(messages)
		return b.copy(ctx, q)
	})
	if err != nil {
		return chat.StoredConversation{}, err
	}
	result := chat.StoredConversation{ConversationID: conversation, Members: members}
	for _, m := range messages {
		result.Messages = append(result.Messages, chat.StoredID{ID: m.ID, Seq: b.known[m.ID]})
		if m.LogOffset != nil {
			result.Offsets = append(result.Offsets, *m.LogOffset)
		}
	}
	slices.SortFunc(result.Messages, func(x, y chat.StoredID) int { return cmp.Compare(x.Seq, y.Seq) })
	return result, nil
}
