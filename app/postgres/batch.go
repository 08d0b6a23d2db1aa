package postgres

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// batch assigns seqs to messages inside one transaction.
type batch struct {
	seqs     map[uuid.UUID]int64 // seq by message: already stored, or assigned here
	lastSeqs map[uuid.UUID]int64 // by conversation
	rows     []queries.CopyMessagesParams

	audiences map[uuid.UUID]chat.Audience // by conversation; of the log's writer only

	// unexpectedDuplicates counts the messages that were already stored although
	// the writer doesn't remember them: stored by another process, or long ago.
	unexpectedDuplicates int
}

// loadStored reads which of the messages are already stored.
func (b *batch) loadStored(ctx context.Context, q *queries.Queries, messages []chat.Message) error {
	conversations, ids := make([]uuid.UUID, len(messages)), make([]uuid.UUID, len(messages))
	for i, m := range messages {
		conversations[i], ids[i] = m.ConversationID, m.ID
	}
	slices.SortFunc(conversations, compareIDs)

	rows, err := q.KnownMessages(ctx, queries.KnownMessagesParams{
		ConversationIds: slices.Compact(conversations),
		Ids:             ids,
	})
	if err != nil {
		return err
	}
	b.seqs = make(map[uuid.UUID]int64, len(messages))
	for _, row := range rows {
		b.seqs[row.ID] = row.Seq
	}
	return nil
}

// assignSeqs gives every message that isn't stored the next seq of its
// conversation, in the given order. A message that occurs twice gets one seq.
func (b *batch) assignSeqs(messages []chat.Message) {
	for _, m := range messages {
		if _, ok := b.seqs[m.ID]; ok {
			continue
		}
		b.lastSeqs[m.ConversationID]++
		seq := b.lastSeqs[m.ConversationID]
		b.seqs[m.ID] = seq
		b.rows = append(b.rows, queries.CopyMessagesParams{
			ConversationID: m.ConversationID,
			Seq:            seq,
			ID:             m.ID,
			SenderID:       m.Sender.ID,
			ClientID:       m.ClientID,
			LogOffset:      m.LogOffset,
			Body:           m.Body,
			Folded:         chat.FoldStart(m.Body),
			SentAt:         m.SentAt.Time,
		})
	}

	// The rows are sorted because otherwise the COPYs of two writers deadlock in
	// the unique indexes.
	slices.SortFunc(b.rows, func(x, y queries.CopyMessagesParams) int {
		return cmp.Or(compareIDs(x.ConversationID, y.ConversationID), cmp.Compare(x.Seq, y.Seq))
	})
}

// senders are people who are or once were members of a conversation. Nobody stops being one of
// them, so they may be remembered.
type senders map[chat.MembershipKey]struct{}

// checkSenders returns an error that wraps chat.ErrContent if a row's sender never was a member of
// its conversation: whoever can write into the log or a tail must not speak for others elsewhere.
// A sender who has left since the message was accepted is no error. It adds to known.
func (b *batch) checkSenders(ctx context.Context, q *queries.Queries, known senders) error {
	var unknown queries.EverMembersParams
	asked := senders{}
	for _, row := range b.rows {
		key := chat.MembershipKey{Conversation: row.ConversationID, Person: row.SenderID}
		if _, ok := known[key]; ok {
			continue
		}
		if _, ok := asked[key]; !ok {
			asked[key] = struct{}{}
			unknown.Conversations = append(unknown.Conversations, key.Conversation)
			unknown.People = append(unknown.People, key.Person)
		}
	}
	if len(asked) == 0 {
		return nil
	}

	rows, err := q.EverMembers(ctx, unknown)
	if err != nil {
		return err
	}
	for _, row := range rows {
		known[chat.MembershipKey{Conversation: row.ConversationID, Person: row.UserID}] = struct{}{}
	}
	if len(rows) < len(asked) {
		return fmt.Errorf("%w: %w", chat.ErrContent, chat.ErrNotMember)
	}
	return nil
}

// insert copies the rows into the table. An error for their content wraps
// chat.ErrContent.
func (b *batch) insert(ctx context.Context, q *queries.Queries) error {
	if len(b.rows) == 0 {
		return nil
	}
	n, err := q.CopyMessages(ctx, b.rows)
	if isContentError(err) {
		return contentError(err)
	}
	if err == nil && n != int64(len(b.rows)) {
		return errors.New("COPY stored fewer rows than it was given")
	}
	return err
}

func compareIDs(x, y uuid.UUID) int { return bytes.Compare(x[:], y[:]) }

func compareSeqs(x, y chat.StoredID) int { return cmp.Compare(x.Seq, y.Seq) }
