-- name: AccountByIdentity :one
SELECT u.id, u.name, u.picture FROM identities i JOIN users u ON u.id = i.user_id
WHERE i.provider = @provider AND i.subject = @subject;

-- name: CreateUser :exec
INSERT INTO users (id, name, folded_name) VALUES (@id, @name, @folded_name);

-- name: CreateIdentity :execrows
INSERT INTO identities (provider, subject, user_id) VALUES (@provider, @subject, @user_id)
ON CONFLICT DO NOTHING;

-- name: RenameUser :execrows
UPDATE users SET name = @name, folded_name = @folded_name, confirmed = true WHERE id = @id AND deleted_at IS NULL;
