package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"parley/app/chat"
	"parley/db/queries"
)

// StoreDirect stores messages of one conversation without the log, behind the
// conversation's advisory lock. The log's writer takes no lock: the unique keys
// decide races with it, and the loser is retried.
func (s *Store) StoreDirect(
	ctx context.Context, conversation uuid.UUID, messages []chat.Message,
) (stored chat.StoredConversation, err error) {
	var b batch
	var to chat.Audience
	err = s.tx(ctx, func(q *queries.Queries) error {
		b = batch{lastSeqs: map[uuid.UUID]int64{}}

		// The lock is a statement of its own: under READ COMMITTED the next
		// statement then sees what the previous holder committed.
		if err := q.LockConversation(ctx, conversation.String()); err != nil {
			return err
		}

		last, err := q.LastSeqs(ctx, []uuid.UUID{conversation})
		if err != nil {
			return err
		}
		if len(last) == 0 {
			return fmt.Errorf("%w: no such conversation", chat.ErrContent)
		}
		b.lastSeqs[conversation] = last[0].LastSeq

		if err := b.loadStored(ctx, q, messages); err != nil {
			return err
		}
		b.assignSeqs(messages)
		if err := b.checkSenders(ctx, q, senders{}); err != nil {
			return err
		}
		if err := b.insert(ctx, q); err != nil {
			return err
		}

		to, err = audienceOf(ctx, q, conversation)
		return err
	})
	if err != nil {
		return chat.StoredConversation{}, err
	}

	stored = chat.StoredConversation{ConversationID: conversation, Audience: to}
	for _, m := range messages {
		stored.Messages = append(stored.Messages, chat.StoredID{ID: m.ID, Seq: b.seqs[m.ID]})
		if m.LogOffset != nil {
			stored.Offsets = append(stored.Offsets, *m.LogOffset)
		}
	}
	slices.SortFunc(stored.Messages, compareSeqs)
	return stored, nil
}
