-- Every change to the relation of two people waits for a lock that is named by them. The lock is a
-- statement of its own, so that the next statement sees the commit of its previous holder. A new
-- request locks the asker before, because of the limit per day.
-- name: LockKey :exec
SELECT pg_advisory_xact_lock(hashtextextended(@key::text, 1));

-- The existing ones of two people, locked until the transaction ends against their deletion and a
-- change of their pictures, which take FOR UPDATE. Whoever changes what names two people locks both
-- before any other row, in the order of their ids, so that a deletion and another change can't wait
-- for each other.
-- name: LockPeople :many
SELECT id FROM users WHERE id IN (@low, @high) AND deleted_at IS NULL ORDER BY id FOR KEY SHARE;

-- The person whom a viewer may ask. A person who has blocked the viewer can be asked like any other.
-- name: PersonToAsk :one
SELECT u.id, u.name, u.picture,
    EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = @viewer AND b.blocked_id = u.id) AS blocked
FROM users u
WHERE u.id = @person AND u.deleted_at IS NULL AND u.confirmed;

-- The current request between two people, in either direction.
-- name: RequestBetween :one
SELECT r.id FROM friend_requests r
WHERE (r.asker_id = @one::uuid AND r.asked_id = @other::uuid OR r.asker_id = @other::uuid AND r.asked_id = @one::uuid)
    AND looks_pending(r.state, r.answered_at, @silent_since::timestamptz)
ORDER BY r.state = 'pending' DESC, r.created_at DESC
LIMIT 1;

-- The request that made two people friends.
-- name: AcceptedBetween :one
SELECT r.id FROM friend_requests r
WHERE (r.asker_id = @one::uuid AND r.asked_id = @other::uuid OR r.asker_id = @other::uuid AND r.asked_id = @one::uuid)
    AND r.state = 'accepted'
ORDER BY r.answered_at DESC
LIMIT 1;

-- Each person is as the other one sees them. undelivered: the asked person has blocked the asker.
-- name: RequestByID :one
SELECT r.id, r.state, r.created_at, coalesce(r.answered_at, r.created_at)::timestamptz AS answered_at,
    r.asker_id, coalesce(seen_asker.name, asker.name)::text AS asker_name,
    coalesce(seen_asker.picture, asker.picture)::text AS asker_picture,
    r.asked_id, coalesce(seen_asked.name, asked.name)::text AS asked_name,
    coalesce(seen_asked.picture, asked.picture)::text AS asked_picture,
    EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = r.asked_id AND b.blocked_id = r.asker_id) AS undelivered
FROM friend_requests r JOIN users asker ON asker.id = r.asker_id JOIN users asked ON asked.id = r.asked_id
LEFT JOIN last_views seen_asker ON seen_asker.viewer_id = r.asked_id AND seen_asker.person_id = r.asker_id
LEFT JOIN last_views seen_asked ON seen_asked.viewer_id = r.asker_id AND seen_asked.person_id = r.asked_id
WHERE r.id = @id AND asker.deleted_at IS NULL AND asked.deleted_at IS NULL;

-- The time of the oldest request that counts toward the limit, if the limit is reached. The next
-- request is allowed a day after it. skipped is the limit less one.
-- name: RequestLimitReached :one
SELECT created_at FROM (
    SELECT r.created_at FROM friend_requests r WHERE r.asker_id = @asker AND r.created_at > @since
    UNION ALL
    SELECT s.created_at FROM spent_requests s WHERE s.asker_id = @asker AND s.created_at > @since
) recent
ORDER BY created_at DESC
OFFSET @skipped::int LIMIT 1;

-- name: CreateRequest :exec
INSERT INTO friend_requests (id, asker_id, asked_id, created_at) VALUES (@id, @asker, @asked, @at);

-- name: AnswerRequest :exec
UPDATE friend_requests SET state = @state, answered_at = @at::timestamptz WHERE id = @id;

-- The pending requests to a person, and those answered just now, which the page still shows.
-- name: IncomingRequests :many
SELECT r.id, r.state, r.created_at, u.id AS person_id,
    coalesce(v.name, u.name)::text AS name, coalesce(v.picture, u.picture)::text AS picture
FROM friend_requests r JOIN users u ON u.id = r.asker_id
LEFT JOIN last_views v ON v.viewer_id = r.asked_id AND v.person_id = r.asker_id
WHERE r.asked_id = @person AND u.deleted_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.blocker_id = @person AND b.blocked_id = r.asker_id)
    AND (r.state = 'pending' OR r.id = ANY(@answered::uuid[]) AND r.state IN ('accepted', 'declined'))
ORDER BY r.created_at DESC, r.id DESC
LIMIT @max_rows;

-- name: OutgoingRequests :many
SELECT r.id, r.created_at, u.id AS person_id,
    coalesce(v.name, u.name)::text AS name, coalesce(v.picture, u.picture)::text AS picture
FROM friend_requests r JOIN users u ON u.id = r.asked_id
LEFT JOIN last_views v ON v.viewer_id = r.asker_id AND v.person_id = r.asked_id
WHERE r.asker_id = @person AND u.deleted_at IS NULL
    AND looks_pending(r.state, r.answered_at, @silent_since::timestamptz)
ORDER BY r.created_at DESC, r.id DESC
LIMIT @max_rows;
