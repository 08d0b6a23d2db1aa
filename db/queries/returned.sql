-- Only for a member whose account exists. FOR SHARE waits for a deletion that is under way.
-- name: ReturnMessage :exec
INSERT INTO returned_messages (id, sender_id, conversation_id, client_id, log_offset, body, reason, sent_at)
SELECT @id::uuid, m.user_id, m.conversation_id, @client_id::uuid, @log_offset::bigint, @body::text, @reason::text,
    @sent_at::timestamptz
FROM members m JOIN users u ON u.id = m.user_id
WHERE m.conversation_id = @conversation_id AND m.user_id = @sender_id AND u.deleted_at IS NULL FOR SHARE OF u
ON CONFLICT (id) DO UPDATE
    SET log_offset = excluded.log_offset, body = excluded.body, reason = excluded.reason, returned_at = now(),
        dismissed = false
    WHERE returned_messages.log_offset < excluded.log_offset;

-- name: Returned :many
SELECT r.id, r.client_id, r.log_offset, r.body, r.reason, r.sent_at, u.name, u.picture
FROM returned_messages r JOIN users u ON u.id = r.sender_id
WHERE r.sender_id = @sender_id AND r.conversation_id = @conversation_id AND NOT r.dismissed
    AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = r.id AND m.conversation_id = r.conversation_id)
ORDER BY r.log_offset
LIMIT 100;

-- name: FilterReturned :many
SELECT id FROM returned_messages WHERE id = ANY(@ids::uuid[]);

-- name: DismissReturned :one
UPDATE returned_messages SET body = '', dismissed = true
WHERE id = @id AND sender_id = @sender_id
RETURNING conversation_id;

-- name: StoredAfterAll :exec
DELETE FROM returned_messages WHERE id = ANY(@ids::uuid[]);

-- name: ReturnedIn :many
SELECT DISTINCT r.conversation_id FROM returned_messages r
WHERE r.sender_id = @sender_id AND r.conversation_id = ANY(@conversation_ids::uuid[]) AND NOT r.dismissed
    AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = r.id AND m.conversation_id = r.conversation_id);
