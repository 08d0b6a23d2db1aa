-- name: Friends :many
SELECT u.id, u.name, u.picture, u.folded_name, f.since, c.id AS conversation_id
FROM friendships f
JOIN users u ON u.id = CASE WHEN f.low_id = @person::uuid THEN f.high_id ELSE f.low_id END
LEFT JOIN conversations c ON c.direct_low = f.low_id AND c.direct_high = f.high_id
WHERE (f.low_id = @person::uuid OR f.high_id = @person::uuid) AND u.deleted_at IS NULL
    AND (u.folded_name, u.id) > (@after_name::text, @after_id::uuid)
ORDER BY u.folded_name, u.id
LIMIT @max_rows;

-- name: FriendIDs :many
SELECT u.id
FROM friendships f JOIN users u ON u.id = CASE WHEN f.low_id = @person::uuid THEN f.high_id ELSE f.low_id END
WHERE (f.low_id = @person::uuid OR f.high_id = @person::uuid) AND u.deleted_at IS NULL;

-- name: AreFriends :one
SELECT EXISTS (SELECT 1 FROM active_friendships WHERE low_id = @low AND high_id = @high);

-- name: Befriend :exec
INSERT INTO friendships (low_id, high_id, since) VALUES (@low, @high, @since) ON CONFLICT DO NOTHING;

-- name: Unfriend :execrows
DELETE FROM friendships WHERE low_id = @low AND high_id = @high;

-- Whether two people are friends, and whether the person may know that the friend exists: because
-- they can find them, or share a conversation with them.
-- name: DirectAccess :one
SELECT
    EXISTS (
        SELECT 1 FROM active_friendships f
        WHERE f.low_id = least(@person::uuid, @friend::uuid) AND f.high_id = greatest(@person::uuid, @friend::uuid)
    )::boolean AS friends,
    (
        EXISTS (SELECT 1 FROM users u WHERE u.id = @friend::uuid AND u.deleted_at IS NULL AND u.confirmed)
        OR EXISTS (
            SELECT 1 FROM conversations c
            WHERE c.direct_low = least(@person::uuid, @friend::uuid) AND c.direct_high = greatest(@person::uuid, @friend::uuid)
        )
    )::boolean AS known;
