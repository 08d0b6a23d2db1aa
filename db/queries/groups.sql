-- name: CreateGroup :exec
INSERT INTO conversations (id, kind, name, folded_name, about, posting, history, members_count, channel)
VALUES (@id, 'group', @name, @folded_name, @about, @posting, @history, @members_count, @channel);

-- Locks a group for a change. Its changes also hold the lock of LockConversation.
-- name: LockGroup :one
SELECT c.name, c.about, c.posting, c.history, c.members_count, c.channel,
    coalesce((
        SELECT m.seq FROM messages m WHERE m.conversation_id = c.id ORDER BY m.seq DESC LIMIT 1
    ), 0)::bigint AS last_seq
FROM conversations c WHERE c.id = @id AND c.kind = 'group' FOR UPDATE;

-- Who a person is in a group: their role while they are present.
-- name: GroupMember :one
SELECT role, (left_seq IS NULL)::boolean AS present, removed FROM members
WHERE conversation_id = @conversation_id AND user_id = @user_id;

-- name: UpdateGroup :exec
UPDATE conversations SET name = @name, folded_name = @folded_name, about = @about, posting = @posting, history = @history
WHERE id = @id;

-- name: CountMembers :exec
UPDATE conversations SET members_count = @members_count, channel = channel OR @channel WHERE id = @id;

-- A person who comes back reads from their return, unless newcomers may read everything.
-- name: JoinGroup :exec
INSERT INTO members (conversation_id, user_id, role, joined_seq, from_seq, read_seq, delivered_seq)
VALUES (@conversation_id, @user_id, @role, @joined_seq, @from_seq, @joined_seq, @joined_seq)
ON CONFLICT (conversation_id, user_id) DO UPDATE
    SET role = excluded.role, joined_at = now(), joined_seq = excluded.joined_seq, from_seq = excluded.from_seq,
        read_seq = greatest(members.read_seq, excluded.read_seq),
        delivered_seq = greatest(members.delivered_seq, excluded.delivered_seq),
        left_seq = NULL, removed = false;

-- name: LeaveGroup :exec
UPDATE members SET left_seq = @left_seq::bigint, removed = @removed, role = 'member'
WHERE conversation_id = @conversation_id AND user_id = @user_id;

-- name: SetRole :exec
UPDATE members SET role = @role WHERE conversation_id = @conversation_id AND user_id = @user_id;

-- The other present members of a group who could own it, the best one first: an admin, then whoever
-- is there longest.
-- name: Successors :many
SELECT m.user_id, m.role FROM members m
WHERE m.conversation_id = @conversation_id AND m.left_seq IS NULL AND m.user_id <> @user_id
ORDER BY m.role = 'owner' DESC, m.role = 'admin' DESC, m.joined_at, m.user_id
LIMIT 1;

-- A system message, which is numbered like any other.
-- name: InsertSystemMessage :exec
INSERT INTO messages (conversation_id, seq, id, sender_id, client_id, body, folded, sent_at, kind, event, person_id)
VALUES (@conversation_id, @seq, @id, @sender_id, @client_id, @body, '', @sent_at, 'system', @event, @person_id);

-- name: PresentMembers :many
SELECT user_id FROM members WHERE conversation_id = @conversation_id AND left_seq IS NULL;

-- The groups in which a person is present, for the deletion of their account.
-- name: GroupsOf :many
SELECT m.conversation_id FROM members m JOIN conversations c ON c.id = m.conversation_id
WHERE m.user_id = @person AND m.left_seq IS NULL AND c.kind = 'group'
ORDER BY m.conversation_id;

-- A page of the present members of a group in the order of their names, for one of them.
-- name: GroupMembers :many
SELECT u.id, u.name, u.folded_name, u.picture, m.role, m.joined_seq, m.joined_at
FROM members m JOIN users u ON u.id = m.user_id
WHERE m.conversation_id = @conversation_id AND m.left_seq IS NULL
    AND EXISTS (
        SELECT 1 FROM conversation_access a
        WHERE a.id = @conversation_id AND a.person_id = @viewer AND a.role <> ''
    )
    AND (u.folded_name, u.id) > (@after_name::text, @after_id::uuid)
ORDER BY u.folded_name, u.id
LIMIT @max_rows;

-- A present member of a group, for another one.
-- name: PresentMember :one
SELECT u.id, u.name, u.picture, m.role, m.joined_seq, m.joined_at
FROM members m JOIN users u ON u.id = m.user_id
WHERE m.conversation_id = @conversation_id AND m.user_id = @person AND m.left_seq IS NULL
    AND EXISTS (
        SELECT 1 FROM conversation_access a
        WHERE a.id = @conversation_id AND a.person_id = @viewer AND a.role <> ''
    );

-- Keeps accounts from being deleted until the transaction ends.
-- name: KeepPeople :exec
SELECT id FROM users WHERE id = ANY(@people::uuid[]) ORDER BY id FOR KEY SHARE;

-- Which of some people are friends of a person.
-- name: FriendsAmong :many
SELECT (CASE WHEN f.low_id = @person THEN f.high_id ELSE f.low_id END)::uuid AS friend
FROM active_friendships f
WHERE f.low_id = @person AND f.high_id = ANY(@people::uuid[]) OR f.high_id = @person AND f.low_id = ANY(@people::uuid[]);

-- name: PeopleByID :many
SELECT id, name, picture FROM users WHERE id = ANY(@ids::uuid[]);

-- The present members of a small group who share something (read, typing or presence), without one
-- person. Of a larger group nobody.
-- name: MembersWhoShare :many
SELECT u.id FROM members m JOIN users u ON u.id = m.user_id JOIN conversations c ON c.id = m.conversation_id
WHERE m.conversation_id = @conversation_id AND m.left_seq IS NULL AND m.user_id <> @person
    AND c.members_count <= @max_members
    AND (@what::text = 'read' AND u.share_read OR @what::text = 'typing' AND u.share_typing);
