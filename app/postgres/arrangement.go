package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"parley/app/chat"
	"parley/db/queries"
)

// Pin pins a conversation of a person, or unpins it. The pins of one person are serialized,
// so that they are never more than chat.MaxPins.
func (s *Store) Pin(ctx context.Context, person, conversation uuid.UUID, on bool) (changed bool, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	if !on {
		return changedRow(s.q.Unpin(ctx, queries.UnpinParams{ConversationID: conversation, Person: person}))
	}

	err = s.tx(ctx, func(q *queries.Queries) error {
		if err := q.LockPins(ctx, person); err != nil {
			return err
		}
		others, err := q.CountPins(ctx, queries.CountPinsParams{Person: person, But: conversation})
		if err != nil {
			return err
		}
		if others >= chat.MaxPins {
			return chat.ErrTooManyPins()
		}

		changed, err = changedRow(q.Pin(ctx, queries.PinParams{ConversationID: conversation, Person: person}))
		return err
	})
	return changed && err == nil, err
}

// Archive archives a conversation of a person until its next message, or ends that.
func (s *Store) Archive(ctx context.Context, person, conversation uuid.UUID, on bool) (changed bool, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	if !on {
		return changedRow(s.q.Unarchive(ctx, queries.UnarchiveParams{ConversationID: conversation, Person: person}))
	}
	return changedRow(s.q.Archive(ctx, queries.ArchiveParams{ConversationID: conversation, Person: person}))
}

// ChangeNotifications changes a person's notifications of a conversation.
func (s *Store) ChangeNotifications(
	ctx context.Context, person, conversation uuid.UUID, change chat.NotifyChange,
) (changed bool, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()

	params := queries.SetNotifyParams{ConversationID: conversation, Person: person, Level: change.Level}
	if until := change.MutedUntil; until != nil {
		params.Until = pgtype.Timestamptz{Time: *until, Valid: true}
		if until.IsZero() {
			params.Until.Time = time.Unix(0, 0)
		}
	}
	return changedRow(s.q.SetNotify(ctx, params))
}

// MarkUnread marks a conversation of a person as unread from a seq on.
func (s *Store) MarkUnread(
	ctx context.Context, person, conversation uuid.UUID, seq int64,
) (changed bool, err error) {
	ctx, cancel := withRequestTimeout(ctx)
	defer cancel()
	params := queries.MarkUnreadParams{ConversationID: conversation, Person: person, Seq: seq}
	return changedRow(s.q.MarkUnread(ctx, params))
}

func changedRow(rows int64, err error) (bool, error) { return rows > 0 && err == nil, mapError(err) }

// arrangement returns the part of a row that only its member sees.
func arrangement(row queries.MemberConversation) chat.Arrangement {
	a := chat.Arrangement{
		Pinned:       row.Pinned,
		Archived:     row.Archived,
		MarkedUnread: row.UnreadSeq != nil,
		Notify:       row.Notify,
		Muted:        row.Muted,
		UnreadSeq:    row.UnreadSeq,
	}
	if row.MutedUntil.Unix() != 0 {
		until := chat.At(row.MutedUntil)
		a.MutedUntil = &until
	}
	return a
}
