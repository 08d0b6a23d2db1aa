-- name: DirectConversation :one
SELECT id FROM conversations WHERE direct_low = @low::uuid AND direct_high = @high::uuid;

-- name: CreateDirectConversation :execrows
INSERT INTO conversations (id, direct_low, direct_high) VALUES (@id, @low::uuid, @high::uuid)
ON CONFLICT DO NOTHING;

-- name: AddMembers :exec
INSERT INTO members (conversation_id, user_id) SELECT @conversation_id, unnest(@people::uuid[]);

-- What people may do in conversations: each person in the conversation beside them. The peer is the
-- other member of a direct conversation, as the person sees them. audience is empty where the
-- conversation has a channel of its own.
-- name: Memberships :many
SELECT a.id AS conversation_id, a.kind, a.created_at, a.name AS title, a.role, a.from_seq, a.to_seq, a.writable, a.channel,
    u.id, u.name, u.picture, u.share_read, u.share_presence, u.share_typing,
    coalesce(peer.id, '00000000-0000-0000-0000-000000000000')::uuid AS peer_id,
    coalesce(v.name, peer.name, '')::text AS peer_name, coalesce(v.picture, peer.picture, '')::text AS peer_picture,
    coalesce(peer.share_read, false)::boolean AS peer_share_read,
    coalesce(peer.share_presence, false)::boolean AS peer_share_presence,
    coalesce(peer.share_typing, false)::boolean AS peer_share_typing,
    (CASE WHEN a.channel THEN '{}' ELSE ARRAY(
        SELECT m.user_id FROM members m WHERE m.conversation_id = a.id AND m.left_seq IS NULL
    ) END)::uuid[] AS audience
FROM (SELECT unnest(@conversations::uuid[]) AS conversation_id, unnest(@people::uuid[]) AS person_id) k
JOIN conversation_access a ON a.id = k.conversation_id AND a.person_id = k.person_id
JOIN users u ON u.id = a.person_id
LEFT JOIN members other ON a.kind = 'direct' AND other.conversation_id = a.id AND other.user_id <> a.person_id
LEFT JOIN users peer ON peer.id = other.user_id
LEFT JOIN last_views v ON v.viewer_id = a.person_id AND v.person_id = peer.id;

-- The conversations with a channel of their own of which people are present members.
-- name: Followed :many
SELECT m.user_id, m.conversation_id
FROM members m JOIN conversations c ON c.id = m.conversation_id AND c.channel
WHERE m.user_id = ANY(@people::uuid[]) AND m.left_seq IS NULL;

-- The members of direct conversations as the viewer sees them; of groups the viewer alone. What a
-- person hid when a friendship ended is null in the last view; what they shared stays visible,
-- whatever they share since.
-- name: MembersOf :many
SELECT m.conversation_id, m.user_id,
    coalesce(v.name, u.name)::text AS name, coalesce(v.picture, u.picture)::text AS picture,
    (v.person_id IS NOT NULL OR u.share_read)::boolean AS share_read,
    (v.person_id IS NOT NULL OR u.share_presence)::boolean AS share_presence,
    m.read_seq, m.delivered_seq,
    (v.person_id IS NOT NULL)::boolean AS parted, v.read_seq AS last_read_seq, v.delivered_seq AS last_delivered_seq
FROM members m JOIN users u ON u.id = m.user_id
LEFT JOIN last_views v ON v.viewer_id = @viewer AND v.person_id = m.user_id AND v.conversation_id = m.conversation_id
WHERE m.conversation_id = ANY(@ids::uuid[])
    AND (m.user_id = @viewer OR EXISTS (SELECT 1 FROM conversations c WHERE c.id = m.conversation_id AND c.kind = 'direct'))
ORDER BY m.conversation_id, u.id;

-- name: Conversation :one
SELECT * FROM member_conversations WHERE member_id = @viewer AND id = @id;

-- Pinned ones first, the one pinned last at the top. The filter is a folded text. It matches the
-- beginning of the last message, the name of a group and that of the other member of a direct
-- conversation, in archived conversations too.
-- name: Conversations :many
SELECT * FROM member_conversations c
WHERE c.member_id = @viewer
    AND (c.archived = @archived::boolean OR @filter::text <> '' AND NOT @archived::boolean)
    AND (c.pinned_at, c.moved_at, c.id) < (@before_pin::timestamptz, @before_time::timestamptz, @before_id::uuid)
    AND (
        @filter::text = ''
        OR strpos(c.folded_name, @filter::text) > 0
        OR EXISTS (
            SELECT 1 FROM messages m
            WHERE m.conversation_id = c.id AND m.seq = c.last_seq AND strpos(m.folded, @filter::text) > 0
        )
        OR EXISTS (
            SELECT 1 FROM members other JOIN users u ON u.id = other.user_id
            LEFT JOIN last_views v ON v.viewer_id = @viewer AND v.person_id = u.id
            WHERE c.kind = 'direct' AND other.conversation_id = c.id AND other.user_id <> @viewer
                AND strpos(coalesce(v.folded_name, u.folded_name), @filter::text) > 0
        )
    )
ORDER BY c.pinned_at DESC, c.moved_at DESC, c.id DESC
LIMIT @max_rows;

-- What is new to a person. Muted and archived conversations don't count. here is the part of
-- unread in the given conversation.
-- name: Counts :one
WITH mine AS (
    SELECT k.conversation_id, k.muted, k.unread,
        (k.archived_seq IS NOT NULL AND (k.muted OR k.last_seq <= k.archived_seq)) AS archived
    FROM member_marks k WHERE k.user_id = @person
)
SELECT
    coalesce(sum(unread) FILTER (WHERE NOT muted AND NOT archived), 0)::bigint AS unread,
    coalesce(sum(unread) FILTER (WHERE NOT muted AND NOT archived AND conversation_id = @current::uuid), 0)::bigint
        AS here,
    count(*) FILTER (WHERE unread > 0 AND NOT muted AND NOT archived) AS conversations,
    count(*) FILTER (WHERE archived) AS archived,
    coalesce(array_agg(conversation_id) FILTER (WHERE muted), '{}')::uuid[] AS muted,
    (
        SELECT count(*) FROM friend_requests r JOIN users u ON u.id = r.asker_id
        WHERE r.asked_id = @person AND r.state = 'pending' AND u.deleted_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = @person AND b.blocked_id = r.asker_id)
    ) AS requests
FROM mine;

-- A mark only moves forward, and never past the last message. Reading what was marked as unread
-- removes that mark, whether the read mark moves or not.
-- name: MarkRead :one
WITH goal AS (
    SELECT least(@seq::bigint, coalesce((
        SELECT m.seq FROM messages m JOIN conversation_access a ON a.id = m.conversation_id
        WHERE m.conversation_id = @conversation_id AND a.person_id = @user_id AND m.seq <= a.to_seq
        ORDER BY m.seq DESC LIMIT 1
    ), 0)) AS seq
), before AS (
    SELECT m.read_seq, m.unread_seq FROM members m
    WHERE m.conversation_id = @conversation_id AND m.user_id = @user_id FOR UPDATE
)
UPDATE members SET read_seq = greatest(members.read_seq, goal.seq),
    delivered_seq = greatest(members.delivered_seq, goal.seq),
    unread_seq = CASE WHEN members.unread_seq > goal.seq THEN members.unread_seq END
FROM goal, before
WHERE members.conversation_id = @conversation_id AND members.user_id = @user_id
    AND (members.read_seq < goal.seq OR members.unread_seq <= goal.seq)
RETURNING members.read_seq, (members.read_seq > before.read_seq)::boolean AS moved,
    (before.unread_seq IS NOT NULL AND members.unread_seq IS NULL)::boolean AS unmarked;

-- name: MarkDelivered :one
WITH goal AS (
    SELECT least(@seq::bigint, coalesce((
        SELECT m.seq FROM messages m JOIN conversation_access a ON a.id = m.conversation_id
        WHERE m.conversation_id = @conversation_id AND a.person_id = @user_id AND m.seq <= a.to_seq
        ORDER BY m.seq DESC LIMIT 1
    ), 0)) AS seq
)
UPDATE members SET delivered_seq = goal.seq FROM goal
WHERE members.conversation_id = @conversation_id AND members.user_id = @user_id AND members.delivered_seq < goal.seq
RETURNING members.delivered_seq;
