-- Of two calls that add a key, one does.
-- name: AddSecretKey :exec
INSERT INTO secret_keys (name, value) VALUES (@name, @value) ON CONFLICT DO NOTHING;

-- name: SecretKey :one
SELECT value FROM secret_keys WHERE name = @name;

-- Whether something of a deleted account must outlive a new sign-in.
-- name: Outlives :one
SELECT (
    EXISTS (SELECT 1 FROM blocks WHERE blocked_id = @person)
    OR EXISTS (SELECT 1 FROM spent_requests WHERE asker_id = @person)
)::boolean;

-- name: KeepDepartedIdentity :exec
INSERT INTO departed_identities (identity_hash, user_id) VALUES (@identity_hash, @user_id)
ON CONFLICT (identity_hash) DO UPDATE SET user_id = excluded.user_id;

-- name: TakeDepartedIdentity :one
DELETE FROM departed_identities WHERE identity_hash = @identity_hash RETURNING user_id;

-- name: RestoreBlocks :exec
UPDATE blocks SET blocked_id = @successor WHERE blocked_id = @departed;

-- name: RestoreSpentRequests :exec
UPDATE spent_requests SET asker_id = @successor WHERE asker_id = @departed;

-- name: ForgetSpentRequests :exec
DELETE FROM spent_requests WHERE created_at < now() - interval '1 day';

-- name: ForgetDepartedIdentities :exec
DELETE FROM departed_identities d
WHERE NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocked_id = d.user_id)
    AND NOT EXISTS (SELECT 1 FROM spent_requests s WHERE s.asker_id = d.user_id);
