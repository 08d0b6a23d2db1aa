-- FOR SHARE serialises a sign-in with the deletion of the account: the second one sees the first.
-- name: CreateSession :execrows
INSERT INTO sessions (id, token_hash, user_id, device, created_at, seen_at, expires_at)
SELECT @id::uuid, @token_hash::bytea, users.id, @device::text,
    @created_at::timestamptz, @created_at::timestamptz, @expires_at::timestamptz
FROM users WHERE users.id = @user_id AND users.deleted_at IS NULL FOR SHARE;

-- name: SessionByToken :one
SELECT s.id, s.user_id, u.name, u.picture, s.device, s.created_at, s.seen_at, s.expires_at,
    u.confirmed, u.theme, u.time_zone, u.share_read, u.share_presence, u.share_typing
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.token_hash = @token_hash;

-- name: DeleteSession :exec
DELETE FROM sessions WHERE id = @id;

-- name: Sessions :many
SELECT id, device, created_at, seen_at, expires_at FROM sessions
WHERE user_id = @person AND expires_at > @now ORDER BY seen_at DESC, id;

-- name: EndSession :execrows
DELETE FROM sessions WHERE id = @id AND user_id = @person;

-- name: EndOtherSessions :many
DELETE FROM sessions WHERE user_id = @person AND id <> @keep RETURNING id;

-- name: LiveSessions :many
SELECT id FROM sessions WHERE id = ANY(@ids::uuid[]) AND expires_at > @now;

-- name: ForgetExpiredSessions :execrows
DELETE FROM sessions WHERE id IN (
    SELECT old.id FROM sessions old WHERE old.expires_at <= @before LIMIT @max_rows FOR UPDATE SKIP LOCKED
);

-- A session that another replica is updating was used just now as well. Skipping it keeps two
-- replicas from waiting for each other.
-- name: TouchSessions :exec
WITH free AS (
    SELECT id FROM sessions WHERE id = ANY(@ids::uuid[]) FOR UPDATE SKIP LOCKED
)
UPDATE sessions SET seen_at = greatest(sessions.seen_at, seen.at)
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@times::timestamptz[]) AS at) seen JOIN free ON free.id = seen.id
WHERE sessions.id = seen.id;
