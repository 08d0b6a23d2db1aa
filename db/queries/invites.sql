-- name: InviteVersion :one
SELECT invite_version FROM users WHERE id = @person AND deleted_at IS NULL;

-- name: RenewInvite :one
UPDATE users SET invite_version = invite_version + 1 WHERE id = @person AND deleted_at IS NULL
RETURNING invite_version;

-- Whether a link of a version works for a guest, and whether the guest has blocked the inviter.
-- name: CheckInvite :one
SELECT
    EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = @guest AND b.blocked_id = u.id)::boolean AS blocked
FROM users u
WHERE u.id = @inviter AND u.deleted_at IS NULL AND u.confirmed AND u.invite_version = @version
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = u.id AND b.blocked_id = @guest);

-- The time of the oldest friendship that counts toward an inviter's limit, if the limit is reached.
-- skipped is the limit less one.
-- name: FriendLimitReached :one
SELECT f.since FROM friendships f
WHERE (f.low_id = @person::uuid OR f.high_id = @person::uuid) AND f.since > @after::timestamptz
ORDER BY f.since DESC
OFFSET @skipped::int LIMIT 1;
