-- For app/demo only, whose data begins months in the past.

-- name: BackdateUsers :exec
UPDATE users SET created_at = joined.at
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@times::timestamptz[]) AS at) joined
WHERE users.id = joined.id;

-- name: BackdateConversation :exec
UPDATE conversations SET created_at = @at WHERE id = @id;

-- name: SeedDraft :exec
INSERT INTO drafts (user_id, conversation_id, client_id, body, updated_at)
VALUES (@person, @conversation, @client_id, @body, @at)
ON CONFLICT DO NOTHING;

-- name: CountPeopleExcept :one
SELECT count(*) FROM users
WHERE id NOT IN (
    SELECT user_id FROM identities WHERE provider = @provider AND subject = ANY(@subjects::text[])
);
