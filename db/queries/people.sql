-- The n-grams find candidates by the index, in any script. Friends come first, then names in which a word
-- begins with the text, then the shortest ones, of which the text is the largest part. A person with a last view
-- is found by the name in it. People whom the viewer has blocked stand behind the others.
-- name: SearchPeople :many
WITH found AS MATERIALIZED (
    SELECT u.id, u.name, u.picture, u.created_at, row_number() OVER (
        ORDER BY
            u.id IN (
                SELECT CASE WHEN m.low_id = @viewer::uuid THEN m.high_id ELSE m.low_id END FROM friendships m
                WHERE m.low_id = @viewer::uuid OR m.high_id = @viewer::uuid
            ) DESC,
            starts_with(u.folded_name, @folded::text)
                OR strpos(u.folded_name, ' ' || @folded::text) > 0
                OR strpos(u.folded_name, '-' || @folded::text) > 0 DESC,
            length(u.folded_name),
            u.folded_name,
            u.id
    ) AS rank
    FROM (
        SELECT p.id, p.name, p.picture, p.folded_name, p.created_at FROM users p
        WHERE p.name_grams @> @grams::text[] AND p.deleted_at IS NULL AND p.confirmed
            AND NOT EXISTS (SELECT 1 FROM last_views v WHERE v.viewer_id = @viewer::uuid AND v.person_id = p.id)
        UNION ALL
        SELECT p.id, v.name, v.picture, v.folded_name, p.created_at
        FROM last_views v JOIN users p ON p.id = v.person_id
        WHERE v.viewer_id = @viewer::uuid AND v.name_grams @> @grams::text[]
            AND p.deleted_at IS NULL AND p.confirmed
    ) u
    WHERE strpos(u.folded_name, @folded::text) > 0 AND u.id <> @viewer::uuid
    ORDER BY rank
    LIMIT @max_rows
)
SELECT u.id, u.name, u.picture, u.created_at,
    coalesce(f.since, u.created_at)::timestamptz AS since, (f.since IS NOT NULL)::boolean AS friends,
    EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = @viewer::uuid AND b.blocked_id = u.id) AS blocked,
    r.id AS request_id, r.asker_id, coalesce(r.created_at, u.created_at)::timestamptz AS asked_at,
    c.id AS conversation_id
FROM found u
LEFT JOIN friendships f ON f.low_id = least(u.id, @viewer::uuid) AND f.high_id = greatest(u.id, @viewer::uuid)
LEFT JOIN friend_requests r ON r.id = (
    SELECT q.id FROM friend_requests q
    WHERE q.asker_id = @viewer::uuid AND q.asked_id = u.id
            AND looks_pending(q.state, q.answered_at, @silent_since::timestamptz)
        OR q.asker_id = u.id AND q.asked_id = @viewer::uuid AND q.state = 'pending'
    ORDER BY q.created_at DESC LIMIT 1
)
LEFT JOIN conversations c ON c.direct_low = least(u.id, @viewer::uuid) AND c.direct_high = greatest(u.id, @viewer::uuid)
ORDER BY blocked, u.rank;

-- A person with their relation to the viewer, in the columns of SearchPeople.
-- name: ViewPerson :one
SELECT u.id, coalesce(v.name, u.name)::text AS name, coalesce(v.picture, u.picture)::text AS picture, u.created_at,
    coalesce(f.since, u.created_at)::timestamptz AS since, (f.since IS NOT NULL)::boolean AS friends,
    EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = @viewer::uuid AND b.blocked_id = u.id) AS blocked,
    r.id AS request_id, r.asker_id, coalesce(r.created_at, u.created_at)::timestamptz AS asked_at,
    c.id AS conversation_id
FROM users u
LEFT JOIN last_views v ON v.viewer_id = @viewer::uuid AND v.person_id = u.id
LEFT JOIN friendships f ON f.low_id = least(u.id, @viewer::uuid) AND f.high_id = greatest(u.id, @viewer::uuid)
LEFT JOIN friend_requests r ON r.id = (
    SELECT q.id FROM friend_requests q
    WHERE q.asker_id = @viewer::uuid AND q.asked_id = u.id
            AND looks_pending(q.state, q.answered_at, @silent_since::timestamptz)
        OR q.asker_id = u.id AND q.asked_id = @viewer::uuid AND q.state = 'pending'
    ORDER BY q.created_at DESC LIMIT 1
)
LEFT JOIN conversations c ON c.direct_low = least(u.id, @viewer::uuid) AND c.direct_high = greatest(u.id, @viewer::uuid)
WHERE u.id = @person AND u.deleted_at IS NULL AND u.confirmed;

-- name: People :many
SELECT id, name, picture FROM users WHERE id = ANY(@ids::uuid[]);
