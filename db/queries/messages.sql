-- Every query of messages carries conversation_id, so that the table can be distributed by it one day.

-- name: MessagesBefore :many
SELECT m.conversation_id, m.seq, m.id, m.sender_id, m.client_id, m.log_offset, m.body, m.sent_at, u.name, u.picture FROM messages m JOIN users u ON u.id = m.sender_id
WHERE m.conversation_id = @conversation_id AND m.seq < @before ORDER BY m.seq DESC LIMIT @most;

-- name: MessagesAfter :many
SELECT m.conversation_id, m.seq, m.id, m.sender_id, m.client_id, m.log_offset, m.body, m.sent_at, u.name, u.picture FROM messages m JOIN users u ON u.id = m.sender_id
WHERE m.conversation_id = @conversation_id AND m.seq > @after ORDER BY m.seq LIMIT @most;

-- IS TRUE keeps the planner from reading whole conversations by their index: the ids' own index finds each row at once.
-- name: KnownMessages :many
SELECT conversation_id, id, seq FROM messages
WHERE id = ANY(@ids::uuid[]) AND (conversation_id = ANY(@conversation_ids::uuid[])) IS TRUE;

-- name: LastSeq :one
SELECT coalesce((SELECT seq FROM messages WHERE messages.conversation_id = @conversation_id ORDER BY seq DESC LIMIT 1), 0)::bigint AS seq;

-- The last numbers and the members of conversations; one that doesn't exist is missing from the answer.
-- name: WriterState :many
SELECT c.id, coalesce((SELECT m.seq FROM messages m WHERE m.conversation_id = c.id ORDER BY m.seq DESC LIMIT 1), 0)::bigint AS last_seq,
    ARRAY(SELECT user_id FROM members WHERE members.conversation_id = c.id)::uuid[] AS members
FROM conversations c WHERE c.id = ANY(@ids::uuid[]);

-- name: LockConversation :exec
SELECT pg_advisory_xact_lock(hashtextextended(@conversation_id::text, 0));

-- name: CopyMessages :copyfrom
INSERT INTO messages (conversation_id, seq, id, sender_id, client_id, log_offset, body, sent_at)
VALUES (@conversation_id, @seq, @id, @sender_id, @client_id, @log_offset, @body, @sent_at);
