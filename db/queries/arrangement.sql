-- Serializes the pins of a person.
-- name: LockPins :exec
SELECT 1 FROM users WHERE id = @person FOR NO KEY UPDATE;

-- name: CountPins :one
SELECT count(*) FROM members WHERE user_id = @person AND pinned_at IS NOT NULL AND conversation_id <> @but::uuid;

-- A pinned conversation is not archived.
-- name: Pin :execrows
UPDATE members SET pinned_at = clock_timestamp(), archived_seq = NULL
WHERE conversation_id = @conversation_id AND user_id = @person AND pinned_at IS NULL;

-- name: Unpin :execrows
UPDATE members SET pinned_at = NULL
WHERE conversation_id = @conversation_id AND user_id = @person AND pinned_at IS NOT NULL;

-- The conversation stays archived until it has a later message. An archived one is not pinned.
-- name: Archive :execrows
UPDATE members SET pinned_at = NULL, archived_seq = last.seq
FROM (
    SELECT coalesce(max(m.seq), 0)::bigint AS seq FROM messages m WHERE m.conversation_id = @conversation_id
) last
WHERE members.conversation_id = @conversation_id AND members.user_id = @person
    AND members.archived_seq IS DISTINCT FROM last.seq;

-- name: Unarchive :execrows
UPDATE members SET archived_seq = NULL
WHERE conversation_id = @conversation_id AND user_id = @person AND archived_seq IS NOT NULL;

-- Null arguments change nothing; the epoch ends a mute.
-- name: SetNotify :execrows
UPDATE members SET notify = coalesce(sqlc.narg(level)::text, notify),
    muted_until = nullif(coalesce(sqlc.narg(until)::timestamptz, muted_until, 'epoch'), 'epoch')
WHERE conversation_id = @conversation_id AND user_id = @person;

-- Marks as unread from a seq on, at most from the last message. The read mark stays.
-- name: MarkUnread :execrows
UPDATE members SET unread_seq = least(@seq::bigint, last.seq)
FROM (
    SELECT m.seq FROM messages m WHERE m.conversation_id = @conversation_id ORDER BY m.seq DESC LIMIT 1
) last
WHERE members.conversation_id = @conversation_id AND members.user_id = @person;
