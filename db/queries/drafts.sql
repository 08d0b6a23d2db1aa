-- A draft that arrives after its message was sent is rejected: the row is then empty and has the
-- same client id. FOR SHARE waits for a deletion of the account that is under way, and then saves nothing.
-- name: SaveDraft :execrows
INSERT INTO drafts (user_id, conversation_id, client_id, body)
SELECT id, @conversation_id::uuid, @client_id::uuid, @body::text
FROM users WHERE id = @user_id AND deleted_at IS NULL FOR SHARE
ON CONFLICT (user_id, conversation_id)
    DO UPDATE SET client_id = excluded.client_id, body = excluded.body, updated_at = now()
    WHERE drafts.body <> '' OR drafts.client_id <> excluded.client_id;

-- Whether the message of a draft was sent: its draft says so, or one of the last messages has its
-- client id.
-- name: IsSpent :one
SELECT (
    EXISTS (
        SELECT 1 FROM drafts d
        WHERE d.user_id = @user_id AND d.conversation_id = @conversation_id AND d.client_id = @client_id AND d.body = ''
    )
    OR EXISTS (
        SELECT 1 FROM (
            SELECT m.sender_id, m.client_id FROM messages m
            WHERE m.conversation_id = @conversation_id ORDER BY m.seq DESC LIMIT 100
        ) last
        WHERE last.sender_id = @user_id AND last.client_id = @client_id
    )
)::boolean;

-- name: DeleteDraft :exec
DELETE FROM drafts WHERE user_id = @user_id AND conversation_id = @conversation_id AND body <> '';

-- name: SentDraft :exec
INSERT INTO drafts (user_id, conversation_id, client_id, body)
SELECT id, @conversation_id::uuid, @client_id::uuid, '' FROM users WHERE id = @user_id AND deleted_at IS NULL FOR SHARE
ON CONFLICT (user_id, conversation_id)
    DO UPDATE SET body = '', updated_at = now()
    WHERE drafts.client_id = excluded.client_id;

-- name: Drafts :many
SELECT conversation_id, client_id, body, updated_at FROM drafts
WHERE user_id = @user_id AND conversation_id = ANY(@conversation_ids::uuid[]) AND body <> '';
