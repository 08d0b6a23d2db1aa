-- A deleted account keeps its share_ columns, so that what the person hid stays hidden.
-- name: EmptyUser :exec
UPDATE users SET name = @name, folded_name = '', picture = '', theme = 'system', time_zone = '', confirmed = true,
    seen_at = NULL, deleted_at = now()
WHERE id = @person;

-- name: DeleteIdentities :exec
DELETE FROM identities WHERE user_id = @person;

-- name: DeleteSessions :many
DELETE FROM sessions WHERE user_id = @person RETURNING id;

-- name: DeleteFriendships :many
DELETE FROM friendships WHERE low_id = @person OR high_id = @person
RETURNING (CASE WHEN low_id = @person THEN high_id ELSE low_id END)::uuid AS friend;

-- name: DeleteRequests :exec
DELETE FROM friend_requests WHERE asker_id = @person OR asked_id = @person;

-- name: DeleteBlocks :exec
DELETE FROM blocks WHERE blocker_id = @person OR blocked_id = @person;

-- name: DeleteDrafts :exec
DELETE FROM drafts WHERE user_id = @person;

-- name: DeleteReturned :exec
DELETE FROM returned_messages WHERE sender_id = @person;
