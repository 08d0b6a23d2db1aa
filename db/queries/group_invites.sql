-- name: AddGroupInvite :exec
INSERT INTO group_invites (id, conversation_id, created_by, expires_at, max_uses, approval)
VALUES (@id, @conversation_id, @created_by, @expires_at, @max_uses, @approval);

-- The links that work, newest first.
-- name: GroupInvites :many
SELECT i.*, u.name, u.picture FROM group_invites i JOIN users u ON u.id = i.created_by
WHERE i.conversation_id = @conversation_id AND NOT i.revoked AND i.uses < i.max_uses AND i.expires_at > @now::timestamptz
ORDER BY i.id DESC;

-- The group of a link that works for a person: no group that has removed them or has no members.
-- name: InvitedGroup :one
SELECT i.conversation_id, i.approval, c.name, c.about, c.members_count, u.id AS inviter_id, u.name AS inviter_name,
    u.picture AS inviter_picture,
    EXISTS (
        SELECT 1 FROM members m
        WHERE m.conversation_id = c.id AND m.user_id = @person AND m.left_seq IS NULL
    )::boolean AS present,
    EXISTS (
        SELECT 1 FROM join_requests r WHERE r.conversation_id = c.id AND r.user_id = @person
    )::boolean AS waiting
FROM group_invites i JOIN conversations c ON c.id = i.conversation_id JOIN users u ON u.id = i.created_by
WHERE i.id = @id AND NOT i.revoked AND i.expires_at > @now::timestamptz AND c.members_count > 0
    AND (i.uses < i.max_uses OR EXISTS (
        SELECT 1 FROM members m
        WHERE m.conversation_id = c.id AND m.user_id = @person AND m.left_seq IS NULL
    ))
    AND NOT EXISTS (
        SELECT 1 FROM members m WHERE m.conversation_id = c.id AND m.user_id = @person AND m.removed
    );

-- name: GroupInviteConversation :one
SELECT conversation_id FROM group_invites WHERE id = @id;

-- name: UseGroupInvite :exec
UPDATE group_invites SET uses = uses + 1 WHERE id = @id;

-- name: RevokeGroupInvite :exec
UPDATE group_invites SET revoked = true WHERE id = @id;

-- name: AddJoinRequest :exec
INSERT INTO join_requests (conversation_id, user_id) VALUES (@conversation_id, @user_id) ON CONFLICT DO NOTHING;

-- name: JoinRequests :many
SELECT u.id, u.name, u.picture, r.created_at FROM join_requests r JOIN users u ON u.id = r.user_id
WHERE r.conversation_id = @conversation_id AND u.deleted_at IS NULL
ORDER BY r.created_at, u.id LIMIT 200;

-- name: DeleteJoinRequest :execrows
DELETE FROM join_requests WHERE conversation_id = @conversation_id AND user_id = @user_id;

-- name: DeleteJoinRequests :exec
DELETE FROM join_requests WHERE user_id = @person;
