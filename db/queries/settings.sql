-- A setting that is NULL keeps its value, so that two pages that change different settings at the
-- same time both succeed.
-- name: ChangeSettings :one
UPDATE users SET
    theme = coalesce(sqlc.narg('theme'), theme),
    time_zone = coalesce(sqlc.narg('time_zone'), time_zone),
    share_read = coalesce(sqlc.narg('share_read'), share_read),
    share_presence = coalesce(sqlc.narg('share_presence'), share_presence),
    share_typing = coalesce(sqlc.narg('share_typing'), share_typing)
WHERE id = @person AND deleted_at IS NULL
RETURNING theme, time_zone, share_read, share_presence, share_typing;

-- name: LearnTimeZone :execrows
UPDATE users SET time_zone = @time_zone WHERE id = @person AND time_zone = '' AND deleted_at IS NULL;
