-- What a person chose to hide stays hidden.
-- name: EmptyUser :one
UPDATE users SET name = @name, folded_name = '', picture = '', theme = 'system', time_zone = '', confirmed = true, seen_at = NULL, deleted_at = now()
FROM (SELECT u.id, u.picture FROM users u WHERE u.id = @person AND u.deleted_at IS NULL FOR UPDATE) before
WHERE users.id = before.id
RETURNING before.picture;

-- name: DeletePictureUnlessUsed :exec
DELETE FROM pictures WHERE hash = @hash AND NOT EXISTS (SELECT 1 FROM users WHERE users.picture = pictures.hash);

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
