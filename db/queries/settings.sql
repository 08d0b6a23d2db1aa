-- A setting that is NULL keeps its value, so that two pages that change different settings at the
-- same time both succeed. The old values tell what has changed.
-- name: ChangeSettings :one
UPDATE users u SET
    theme = coalesce(sqlc.narg('theme'), u.theme),
    time_zone = coalesce(sqlc.narg('time_zone'), u.time_zone),
    share_read = coalesce(sqlc.narg('share_read'), u.share_read),
    share_presence = coalesce(sqlc.narg('share_presence'), u.share_presence),
    share_typing = coalesce(sqlc.narg('share_typing'), u.share_typing)
FROM (
    SELECT o.id, o.theme, o.time_zone, o.share_read, o.share_presence, o.share_typing
    FROM users o WHERE o.id = @person AND o.deleted_at IS NULL
    FOR UPDATE
) old
WHERE u.id = old.id
RETURNING u.theme, u.time_zone, u.share_read, u.share_presence, u.share_typing,
    old.theme AS old_theme, old.time_zone AS old_time_zone, old.share_read AS old_share_read,
    old.share_presence AS old_share_presence, old.share_typing AS old_share_typing;

-- name: LearnTimeZone :execrows
UPDATE users SET time_zone = @time_zone WHERE id = @person AND time_zone = '' AND deleted_at IS NULL;
