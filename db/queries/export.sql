-- name: ExportAccount :one
SELECT u.id, u.name, u.picture, u.created_at, u.theme, u.time_zone, u.share_read, u.share_presence, u.share_typing,
    coalesce(p.media_type, '')::text AS media_type, coalesce(p.content, ''::bytea)::bytea AS content
FROM users u LEFT JOIN pictures p ON p.hash = u.picture
WHERE u.id = @person AND u.deleted_at IS NULL;

-- name: ExportIdentities :many
SELECT provider, subject FROM identities WHERE user_id = @person ORDER BY provider, subject;

-- name: ExportFriends :many
SELECT u.id, u.name, f.since
FROM friendships f JOIN users u ON u.id = CASE WHEN f.low_id = @person THEN f.high_id ELSE f.low_id END
WHERE (f.low_id = @person OR f.high_id = @person) AND u.deleted_at IS NULL
ORDER BY f.since, u.id;

-- name: ExportRequests :many
SELECT r.id, r.asker_id, coalesce(seen_asker.name, asker.name)::text AS asker_name,
    r.asked_id, coalesce(seen_asked.name, asked.name)::text AS asked_name,
    r.state, r.created_at, r.answered_at
FROM friend_requests r JOIN users asker ON asker.id = r.asker_id JOIN users asked ON asked.id = r.asked_id
LEFT JOIN last_views seen_asker ON seen_asker.viewer_id = @person AND seen_asker.person_id = r.asker_id
LEFT JOIN last_views seen_asked ON seen_asked.viewer_id = @person AND seen_asked.person_id = r.asked_id
WHERE asker.deleted_at IS NULL AND asked.deleted_at IS NULL AND (
    r.asker_id = @person
    OR r.asked_id = @person
        AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = @person AND b.blocked_id = r.asker_id)
)
ORDER BY r.created_at, r.id;

-- name: ExportBlocks :many
SELECT u.id, coalesce(v.name, u.name)::text AS name, b.created_at
FROM blocks b JOIN users u ON u.id = b.blocked_id
LEFT JOIN last_views v ON v.viewer_id = b.blocker_id AND v.person_id = u.id
WHERE b.blocker_id = @person AND u.deleted_at IS NULL
ORDER BY b.created_at, u.id;

-- name: ExportDrafts :many
SELECT conversation_id, body, updated_at FROM drafts WHERE user_id = @person ORDER BY conversation_id;

-- In the order of the ids, because the order of the list of conversations changes during an export.
-- name: ExportConversations :many
SELECT c.id, c.created_at, c.name, mine.from_seq, mine.read_seq,
    coalesce((
        SELECT m.seq FROM messages m
        WHERE m.conversation_id = c.id AND m.seq <= coalesce(mine.left_seq, m.seq)
        ORDER BY m.seq DESC LIMIT 1
    ), 0)::bigint AS last_seq
FROM members mine JOIN conversations c ON c.id = mine.conversation_id
WHERE mine.user_id = @person AND c.id > @after
ORDER BY c.id
LIMIT @max_rows;

-- name: ExportReturned :many
SELECT r.conversation_id, r.body, r.reason, r.sent_at FROM returned_messages r
WHERE r.sender_id = @person AND NOT r.dismissed
    AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = r.id AND m.conversation_id = r.conversation_id)
ORDER BY r.conversation_id, r.log_offset;
