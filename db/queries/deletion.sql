-- A deleted account keeps its share_ columns, so that what the person hid stays hidden.
-- name: EmptyUser :exec
UPDATE users SET name = @name, folded_name = '', name_grams = '{}', picture = '', theme = 'system', time_zone = '',
    confirmed = true, seen_at = NULL, deleted_at = now()
WHERE id = @person;

-- name: DeleteIdentities :exec
DELETE FROM identities WHERE user_id = @person;

-- name: DeleteSessions :many
DELETE FROM sessions WHERE user_id = @person RETURNING id;

-- name: DeleteFriendships :many
DELETE FROM friendships WHERE low_id = @person OR high_id = @person
RETURNING (CASE WHEN low_id = @person THEN high_id ELSE low_id END)::uuid AS friend;

-- The deleted requests still count for the limits of their askers.
-- name: DeleteRequests :exec
WITH deleted AS (
    DELETE FROM friend_requests r WHERE r.asker_id = @person OR r.asked_id = @person
    RETURNING r.asker_id AS asker, r.created_at AS asked_at
)
INSERT INTO spent_requests (asker_id, created_at)
SELECT deleted.asker, deleted.asked_at FROM deleted WHERE deleted.asked_at > now() - interval '1 day';

-- The blocks of the person by others stay.
-- name: DeleteBlocks :exec
DELETE FROM blocks WHERE blocker_id = @person;

-- name: DeleteDrafts :exec
DELETE FROM drafts WHERE user_id = @person;

-- name: DeleteArrangements :exec
UPDATE members SET unread_seq = NULL, pinned_at = NULL, archived_seq = NULL, notify = 'all', muted_until = NULL
WHERE user_id = @person AND (unread_seq, pinned_at, archived_seq, notify, muted_until)
    IS DISTINCT FROM (NULL::bigint, NULL::timestamptz, NULL::bigint, 'all', NULL::timestamptz);

-- name: DeleteReturned :exec
DELETE FROM returned_messages WHERE sender_id = @person;
