-- Keeps people as the other members of their conversations see them now.
-- name: KeepLastViews :exec
INSERT INTO last_views
    (viewer_id, person_id, conversation_id, name, folded_name, name_grams, picture, read_seq, delivered_seq)
SELECT viewer.user_id, m.user_id, m.conversation_id, u.name, u.folded_name, u.name_grams, u.picture,
    CASE WHEN u.share_read THEN m.read_seq END,
    CASE WHEN u.share_presence THEN m.delivered_seq WHEN u.share_read THEN m.read_seq END
FROM members m JOIN users u ON u.id = m.user_id
JOIN members viewer ON viewer.conversation_id = m.conversation_id AND viewer.user_id <> m.user_id
WHERE m.conversation_id = ANY(@conversation_ids::uuid[]) AND m.user_id = ANY(@people::uuid[])
ON CONFLICT DO NOTHING;

-- name: DropLastViews :many
DELETE FROM last_views
WHERE viewer_id = @one::uuid AND person_id = @other::uuid OR viewer_id = @other::uuid AND person_id = @one::uuid
RETURNING picture;

-- name: ConversationIDs :many
SELECT conversation_id FROM members WHERE user_id = @person;

-- name: LastViewPictures :many
SELECT DISTINCT picture FROM last_views WHERE person_id = @person OR viewer_id = @person;

-- A deleted account, of which users has the name, is nameless to everybody. Its marks stay as they were.
-- name: EmptyLastViews :exec
UPDATE last_views v SET name = u.name, folded_name = u.folded_name, name_grams = u.name_grams, picture = ''
FROM users u WHERE u.id = v.person_id AND v.person_id = @person;

-- name: DeleteLastViewsBy :exec
DELETE FROM last_views WHERE viewer_id = @viewer;
