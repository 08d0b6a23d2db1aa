-- name: AccountByIdentity :one
SELECT u.id, u.name, u.picture FROM identities i JOIN users u ON u.id = i.user_id
WHERE i.provider = @provider AND i.subject = @subject;

-- name: CreateUser :exec
INSERT INTO users (id, name, folded_name, name_grams, confirmed)
VALUES (@id, @name, @folded_name, @name_grams, @confirmed);

-- name: CreateIdentity :execrows
INSERT INTO identities (provider, subject, user_id) VALUES (@provider, @subject, @user_id)
ON CONFLICT DO NOTHING;

-- name: RenameUser :execrows
UPDATE users SET name = @name, folded_name = @folded_name, name_grams = @name_grams, confirmed = true
WHERE id = @id AND deleted_at IS NULL;

-- name: SpendSignIn :execrows
INSERT INTO spent_sign_ins (secret_hash, expires_at) VALUES (@secret_hash, @expires_at)
ON CONFLICT DO NOTHING;

-- name: ForgetSpentSignIns :exec
DELETE FROM spent_sign_ins WHERE expires_at < @before;
