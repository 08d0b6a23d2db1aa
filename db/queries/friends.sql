-- Until the friend flow exists, people who use the development sign-in are friends of each other.

-- name: Friends :many
SELECT u.id, u.name, u.picture, u.folded_name, c.id AS conversation_id
FROM users u
LEFT JOIN conversations c ON c.direct_low = LEAST(u.id, @person::uuid) AND c.direct_high = GREATEST(u.id, @person::uuid)
WHERE u.id <> @person::uuid
  AND EXISTS (SELECT 1 FROM identities i WHERE i.user_id = u.id AND i.provider = 'dev')
  AND EXISTS (SELECT 1 FROM identities i WHERE i.user_id = @person::uuid AND i.provider = 'dev')
  AND (u.folded_name, u.id) > (@after_name::text, @after_id::uuid)
ORDER BY u.folded_name, u.id
LIMIT @most;

-- name: Friendship :one
SELECT EXISTS (SELECT 1 FROM users WHERE users.id = @friend::uuid) AS known,
    (SELECT count(DISTINCT i.user_id) FROM identities i WHERE i.provider = 'dev' AND i.user_id IN (@person::uuid, @friend::uuid)) = 2 AS friends;

-- name: FriendIDs :many
SELECT u.id FROM users u
WHERE u.id <> @person::uuid
  AND EXISTS (SELECT 1 FROM identities i WHERE i.user_id = u.id AND i.provider = 'dev')
  AND EXISTS (SELECT 1 FROM identities i WHERE i.user_id = @person::uuid AND i.provider = 'dev');
