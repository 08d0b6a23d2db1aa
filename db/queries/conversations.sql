-- name: DirectConversation :one
SELECT id FROM conversations WHERE direct_low = @low::uuid AND direct_high = @high::uuid;

-- name: CreateDirectConversation :execrows
INSERT INTO conversations (id, direct_low, direct_high) VALUES (@id, @low::uuid, @high::uuid)
ON CONFLICT DO NOTHING;

-- name: AddMembers :exec
INSERT INTO members (conversation_id, user_id) SELECT @conversation_id, unnest(@people::uuid[]);

-- name: Memberships :many
SELECT c.id AS conversation_id, c.created_at, u.id, u.name, u.picture, u.share_read, u.share_presence, u.share_typing,
    (c.direct_low IS NULL OR EXISTS (SELECT 1 FROM friendships f WHERE f.low_id = c.direct_low AND f.high_id = c.direct_high
        AND NOT EXISTS (SELECT 1 FROM users gone WHERE gone.id IN (f.low_id, f.high_id) AND gone.deleted_at IS NOT NULL)))::boolean AS writable
FROM conversations c JOIN members m ON m.conversation_id = c.id JOIN users u ON u.id = m.user_id
WHERE c.id = ANY(@ids::uuid[]) ORDER BY c.id, u.id;

-- name: MembersOf :many
SELECT m.conversation_id, m.user_id, u.name, u.picture, u.share_read, m.read_seq, m.delivered_seq
FROM members m JOIN users u ON u.id = m.user_id
WHERE m.conversation_id = ANY(@ids::uuid[]) ORDER BY m.conversation_id, u.id;

-- One conversation as a member sees it.
-- name: Conversation :one
SELECT c.id, c.created_at, mine.read_seq,
    coalesce(last.seq, 0)::bigint AS last_seq, coalesce(last.id, '00000000-0000-0000-0000-000000000000')::uuid AS last_id, coalesce(last.sender_id, '00000000-0000-0000-0000-000000000000')::uuid AS last_sender_id,
    coalesce(last.name, '')::text AS last_sender_name, coalesce(last.picture, '')::text AS last_sender_picture, coalesce(last.client_id, '00000000-0000-0000-0000-000000000000')::uuid AS last_client_id, last.log_offset AS last_log_offset,
    coalesce(last.body, '')::text AS last_body, coalesce(last.sent_at, c.created_at)::timestamptz AS moved_at,
    (c.direct_low IS NULL OR EXISTS (SELECT 1 FROM friendships f WHERE f.low_id = c.direct_low AND f.high_id = c.direct_high
        AND NOT EXISTS (SELECT 1 FROM users gone WHERE gone.id IN (f.low_id, f.high_id) AND gone.deleted_at IS NOT NULL)))::boolean AS writable
FROM members mine JOIN conversations c ON c.id = mine.conversation_id
LEFT JOIN LATERAL (
    SELECT m.*, u.name, u.picture FROM messages m JOIN users u ON u.id = m.sender_id
    WHERE m.conversation_id = c.id ORDER BY m.seq DESC LIMIT 1
) last ON true
WHERE mine.user_id = @viewer AND c.id = @id;

-- name: Conversations :many
SELECT c.id, c.created_at, mine.read_seq,
    coalesce(last.seq, 0)::bigint AS last_seq, coalesce(last.id, '00000000-0000-0000-0000-000000000000')::uuid AS last_id, coalesce(last.sender_id, '00000000-0000-0000-0000-000000000000')::uuid AS last_sender_id,
    coalesce(last.name, '')::text AS last_sender_name, coalesce(last.picture, '')::text AS last_sender_picture, coalesce(last.client_id, '00000000-0000-0000-0000-000000000000')::uuid AS last_client_id, last.log_offset AS last_log_offset,
    coalesce(last.body, '')::text AS last_body, coalesce(last.sent_at, c.created_at)::timestamptz AS moved_at,
    (c.direct_low IS NULL OR EXISTS (SELECT 1 FROM friendships f WHERE f.low_id = c.direct_low AND f.high_id = c.direct_high
        AND NOT EXISTS (SELECT 1 FROM users gone WHERE gone.id IN (f.low_id, f.high_id) AND gone.deleted_at IS NOT NULL)))::boolean AS writable
FROM members mine JOIN conversations c ON c.id = mine.conversation_id
LEFT JOIN LATERAL (
    SELECT m.*, u.name, u.picture FROM messages m JOIN users u ON u.id = m.sender_id
    WHERE m.conversation_id = c.id ORDER BY m.seq DESC LIMIT 1
) last ON true
WHERE mine.user_id = @viewer
  AND (coalesce(last.sent_at, c.created_at), c.id) < (@before_time::timestamptz, @before_id::uuid)
  AND (@filter::text = '' OR strpos(search_form(coalesce(last.body, '')), search_form(@filter::text)) > 0 OR EXISTS (
      SELECT 1 FROM members other JOIN users u ON u.id = other.user_id
      WHERE other.conversation_id = c.id AND other.user_id <> @viewer AND strpos(search_form(u.name), search_form(@filter::text)) > 0))
ORDER BY coalesce(last.sent_at, c.created_at) DESC, c.id DESC
LIMIT @most;

-- What is new to a person; nothing in a conversation whose last message is their own.
-- name: Counts :one
SELECT
    (SELECT coalesce(sum(last.seq - mine.read_seq), 0) FROM members mine CROSS JOIN LATERAL (
        SELECT m.seq, m.sender_id FROM messages m WHERE m.conversation_id = mine.conversation_id ORDER BY m.seq DESC LIMIT 1
    ) last WHERE mine.user_id = @person AND last.sender_id <> @person)::bigint AS unread,
    (SELECT count(*) FROM friend_requests r JOIN users u ON u.id = r.asker_id
        WHERE r.asked_id = @person AND r.state = 'pending' AND u.deleted_at IS NULL) AS requests;

-- A mark moves forward only, and never past the last message.
-- name: MarkRead :one
WITH goal AS (
    SELECT least(@seq::bigint, coalesce((SELECT seq FROM messages WHERE messages.conversation_id = @conversation_id ORDER BY seq DESC LIMIT 1), 0)) AS seq
)
UPDATE members SET read_seq = goal.seq, delivered_seq = greatest(delivered_seq, goal.seq) FROM goal
WHERE members.conversation_id = @conversation_id AND members.user_id = @user_id AND members.read_seq < goal.seq
RETURNING members.read_seq;

-- name: MarkDelivered :one
WITH goal AS (
    SELECT least(@seq::bigint, coalesce((SELECT seq FROM messages WHERE messages.conversation_id = @conversation_id ORDER BY seq DESC LIMIT 1), 0)) AS seq
)
UPDATE members SET delivered_seq = goal.seq FROM goal
WHERE members.conversation_id = @conversation_id AND members.user_id = @user_id AND members.delivered_seq < goal.seq
RETURNING members.delivered_seq;
