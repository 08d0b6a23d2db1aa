-- name: Seen :many
SELECT id, share_presence, seen_at FROM users WHERE id = ANY(@ids::uuid[]);

-- name: SetSeen :exec
UPDATE users SET seen_at = @at::timestamptz
WHERE id = ANY(@ids::uuid[]) AND share_presence AND deleted_at IS NULL
    AND (seen_at IS NULL OR seen_at < @at::timestamptz);
