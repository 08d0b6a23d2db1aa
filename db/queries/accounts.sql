-- name: AccountByIdentity :one
SELECT u.id, u.name FROM identities i JOIN users u ON u.id = i.user_id
WHERE i.provider = @provider AND i.subject = @subject;

-- name: CreateUser :exec
INSERT INTO users (id, name, folded_name) VALUES (@id, @name, @folded_name);

-- name: CreateIdentity :execrows
INSERT INTO identities (provider, subject, user_id) VALUES (@provider, @subject, @user_id)
ON CONFLICT DO NOTHING;

-- name: CreateSession :exec
INSERT INTO sessions (id, token_hash, user_id, device, created_at, expires_at)
VALUES (@id, @token_hash, @user_id, @device, @created_at, @expires_at);

-- name: SessionByToken :one
SELECT s.id, s.user_id, u.name, s.device, s.created_at, s.expires_at
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.token_hash = @token_hash;

-- name: DeleteSession :exec
DELETE FROM sessions WHERE id = @id;
