-- name: Block :exec
INSERT INTO blocks (blocker_id, blocked_id, created_at) VALUES (@blocker, @blocked, @at) ON CONFLICT DO NOTHING;

-- name: Unblock :exec
DELETE FROM blocks WHERE blocker_id = @blocker AND blocked_id = @blocked;

-- name: Blocked :many
SELECT u.id, u.name, u.picture FROM blocks b JOIN users u ON u.id = b.blocked_id
WHERE b.blocker_id = @person AND u.deleted_at IS NULL
ORDER BY u.folded_name, u.id;

-- A viewer may block every person whom they can find, and everyone with whom they share a
-- conversation, even a deleted account or somebody who has blocked the viewer first.
-- name: Blockable :one
SELECT (
    EXISTS (
        SELECT 1 FROM users u
        WHERE u.id = @person AND u.deleted_at IS NULL AND u.confirmed
            AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = u.id AND b.blocked_id = @viewer)
    )
    OR EXISTS (
        SELECT 1 FROM conversations c
        WHERE c.direct_low = least(@person::uuid, @viewer::uuid) AND c.direct_high = greatest(@person::uuid, @viewer::uuid)
    )
)::boolean;

-- A block cancels the requests of the blocker, also one that was declined and still looks pending,
-- and declines the pending request of the blocked person.
-- name: EndRequests :many
UPDATE friend_requests r
SET state = CASE WHEN r.asker_id = @blocker::uuid THEN 'cancelled' ELSE 'declined' END, answered_at = @at::timestamptz
WHERE r.asker_id = @blocker::uuid AND r.asked_id = @blocked::uuid AND r.state IN ('pending', 'declined')
    OR r.asker_id = @blocked::uuid AND r.asked_id = @blocker::uuid AND r.state = 'pending'
RETURNING r.id;
