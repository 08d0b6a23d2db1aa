-- For operators, who have the id of a message and not its conversation: the only query of messages
-- that names no conversation.
-- name: MessageLocation :one
SELECT conversation_id, seq, sender_id, log_offset, sent_at FROM messages WHERE id = @id;

-- name: MarksOfOthers :many
SELECT m.user_id, m.delivered_seq, m.read_seq, u.share_read FROM members m JOIN users u ON u.id = m.user_id
WHERE m.conversation_id = @conversation_id AND m.user_id <> @sender
ORDER BY m.user_id;
