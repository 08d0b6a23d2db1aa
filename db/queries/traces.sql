-- An operator has a message's id and no conversation: of the queries of messages these alone go by the id's own index.
-- name: MessagePlace :one
SELECT conversation_id, seq, sender_id, log_offset, sent_at FROM messages WHERE id = @id;

-- name: MarksBeside :many
SELECT m.user_id, m.delivered_seq, m.read_seq, u.share_read FROM members m JOIN users u ON u.id = m.user_id
WHERE m.conversation_id = @conversation_id AND m.user_id <> @sender ORDER BY m.user_id;
