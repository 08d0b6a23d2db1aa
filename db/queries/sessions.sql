-- name: CreateSession :exec
INSERT INTO sessions (id, token_hash, user_id, device, created_at, seen_at, expires_at)
VALUES (@id, @token_hash, @user_id, @device, @created_at, @created_at, @expires_at);

-- name: SessionByToken :one
SELECT s.id, s.user_id, u.name, u.picture, s.device, s.created_at, s.seen_at, s.expires_at,
    u.confirmed, u.theme, u.time_zone, u.share_read, u.share_presence, u.share_typing
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.token_hash = @token_hash;

-- name: DeleteSession :exec
DELETE FROM sessions WHERE id = @id;
