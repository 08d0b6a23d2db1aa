-- name: Block :execrows
INSERT INTO blocks (blocker_id, blocked_id, created_at) VALUES (@blocker, @blocked, @at) ON CONFLICT DO NOTHING;

-- name: Unblock :exec
DELETE FROM blocks WHERE blocker_id = @blocker AND blocked_id = @blocked;

-- name: Blocked :many
SELECT u.id, coalesce(v.name, u.name)::text AS name, coalesce(v.picture, u.picture)::text AS picture
FROM blocks b JOIN users u ON u.id = b.blocked_id
LEFT JOIN last_views v ON v.viewer_id = b.blocker_id AND v.person_id = u.id
WHERE b.blocker_id = @person AND u.deleted_at IS NULL
ORDER BY u.folded_name, u.id;

-- A viewer may block every person whom they can find, and everyone with whom they share a
-- conversation, even a deleted account.
-- name: Blockable :one
SELECT (
    EXISTS (SELECT 1 FROM users u WHERE u.id = @person AND u.deleted_at IS NULL AND u.confirmed)
    OR EXISTS (
        SELECT 1 FROM conversations c
        WHERE c.direct_low = least(@person::uuid, @viewer::uuid) AND c.direct_high = greatest(@person::uuid, @viewer::uuid)
    )
)::boolean;

-- A block cancels the requests of the blocker, also one that was declined and still looks pending.
-- name: CancelRequests :many
UPDATE friend_requests r SET state = 'cancelled', answered_at = @at::timestamptz
WHERE r.asker_id = @asker AND r.asked_id = @asked AND r.state IN ('pending', 'declined')
RETURNING r.id;

-- name: PendingRequests :many
SELECT r.id FROM friend_requests r WHERE r.asker_id = @asker AND r.asked_id = @asked AND r.state = 'pending';
