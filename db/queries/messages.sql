-- The messages that a person may read, which are none for a person who never was a member.
-- name: MessagesBefore :many
SELECT m.* FROM conversation_access a JOIN sent_messages m ON m.conversation_id = a.id
WHERE a.id = @conversation_id AND a.person_id = @viewer AND m.conversation_id = @conversation_id
    AND m.seq < @before AND m.seq BETWEEN a.from_seq AND a.to_seq
ORDER BY m.seq DESC LIMIT @max_rows;

-- name: MessagesAfter :many
SELECT m.* FROM conversation_access a JOIN sent_messages m ON m.conversation_id = a.id
WHERE a.id = @conversation_id AND a.person_id = @viewer AND m.conversation_id = @conversation_id
    AND m.seq > @after AND m.seq BETWEEN a.from_seq AND a.to_seq
ORDER BY m.seq LIMIT @max_rows;

-- IS TRUE keeps the planner from reading whole conversations by their index: the index of the ids
-- finds each row at once.
-- name: KnownMessages :many
SELECT conversation_id, id, seq FROM messages
WHERE id = ANY(@ids::uuid[]) AND (conversation_id = ANY(@conversation_ids::uuid[])) IS TRUE;

-- The last seq of conversations. A conversation that does not exist has no row.
-- name: LastSeqs :many
SELECT c.id,
    coalesce((
        SELECT m.seq FROM messages m WHERE m.conversation_id = c.id ORDER BY m.seq DESC LIMIT 1
    ), 0)::bigint AS last_seq
FROM conversations c WHERE c.id = ANY(@ids::uuid[]);

-- Whom the events of conversations concern: their present members, or a channel of the conversation.
-- name: Audiences :many
SELECT c.id, c.kind, c.channel,
    (CASE WHEN c.channel THEN '{}' ELSE ARRAY(
        SELECT m.user_id FROM members m WHERE m.conversation_id = c.id AND m.left_seq IS NULL
    ) END)::uuid[] AS people
FROM conversations c WHERE c.id = ANY(@ids::uuid[]);

-- Which people are or once were members of a conversation, each beside it.
-- name: EverMembers :many
SELECT m.conversation_id, m.user_id
FROM (SELECT unnest(@conversations::uuid[]) AS conversation_id, unnest(@people::uuid[]) AS person_id) k
JOIN members m ON m.conversation_id = k.conversation_id AND m.user_id = k.person_id;

-- name: LockConversation :exec
SELECT pg_advisory_xact_lock(hashtextextended(@conversation_id::text, 0));

-- name: CopyMessages :copyfrom
INSERT INTO messages (conversation_id, seq, id, sender_id, client_id, log_offset, body, folded, sent_at)
VALUES (@conversation_id, @seq, @id, @sender_id, @client_id, @log_offset, @body, @folded, @sent_at);
