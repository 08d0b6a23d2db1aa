-- name: Picture :one
SELECT hash, media_type, content FROM pictures WHERE hash = @hash;

-- An existing row is locked by the update, so that no other transaction deletes it before a user row
-- names it.
-- name: SavePicture :exec
INSERT INTO pictures (hash, media_type, content) VALUES (@hash, @media_type, @content)
ON CONFLICT (hash) DO UPDATE SET created_at = now();

-- name: PictureOf :one
SELECT picture, picture_chosen FROM users WHERE id = @id AND deleted_at IS NULL;

-- FOR UPDATE also waits for whatever holds FOR KEY SHARE: see LockPeople.
-- name: LockPictureOf :one
SELECT picture, picture_chosen FROM users WHERE id = @id AND deleted_at IS NULL FOR UPDATE;

-- name: SetPictureOf :exec
UPDATE users SET picture = @picture, picture_chosen = true WHERE id = @id;

-- name: LockPicture :exec
SELECT hash FROM pictures WHERE hash = @hash FOR UPDATE;

-- name: DropPicture :exec
DELETE FROM pictures p
WHERE p.hash = @hash AND NOT EXISTS (SELECT FROM users u WHERE u.picture = p.hash)
    AND NOT EXISTS (SELECT FROM last_views v WHERE v.picture = p.hash);
