-- The tables that operators may browse. Each query reads some rows in the order of a key. None reads
-- a text, a picture, a token or a hash, except for the text of messages with --show-text.

-- name: LimitStatement :exec
SELECT set_config('statement_timeout', '1500', true);

-- name: DatabaseState :one
SELECT current_setting('server_version')::text AS version, pg_database_size(current_database())::bigint AS bytes,
    (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database())::bigint AS connected;

-- Exact below the bound. With more rows the result equals the bound.
-- name: CountUsers :one
SELECT count(*) FROM (SELECT 1 FROM users LIMIT @bound) counted;

-- name: CountFriendships :one
SELECT count(*) FROM (SELECT 1 FROM friendships LIMIT @bound) counted;

-- name: CountFriendRequests :one
SELECT count(*) FROM (SELECT 1 FROM friend_requests LIMIT @bound) counted;

-- name: CountConversations :one
SELECT count(*) FROM (SELECT 1 FROM conversations LIMIT @bound) counted;

-- name: CountMessages :one
SELECT count(*) FROM (SELECT 1 FROM messages LIMIT @bound) counted;

-- name: TableSize :one
SELECT greatest(c.reltuples, 0)::bigint AS estimate, pg_total_relation_size(c.oid)::bigint AS bytes
FROM pg_catalog.pg_class c WHERE c.oid = to_regclass(@name::text);

-- name: TableColumns :many
SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod)::text AS type
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = to_regclass(@name::text) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum;

-- name: BrowseUsers :many
SELECT id, name, created_at, confirmed, (picture <> '')::bool AS has_picture, time_zone, seen_at, deleted_at
FROM users WHERE id > @after_id ORDER BY id LIMIT @max_rows;

-- name: BrowseFriendships :many
SELECT low_id, high_id, since FROM friendships
WHERE (low_id, high_id) > (@after_low::uuid, @after_high::uuid) ORDER BY low_id, high_id LIMIT @max_rows;

-- name: BrowseFriendRequests :many
SELECT id, asker_id, asked_id, state, created_at, answered_at FROM friend_requests
WHERE id > @after_id ORDER BY id LIMIT @max_rows;

-- name: BrowseConversations :many
SELECT id, kind, direct_low, direct_high, members_count, created_at FROM conversations WHERE id > @after_id ORDER BY id LIMIT @max_rows;

-- name: BrowseMessages :many
SELECT conversation_id, seq, id, sender_id, log_offset, sent_at, octet_length(body)::int AS bytes,
    (CASE WHEN @show_text::bool THEN body ELSE '' END)::text AS body
FROM messages
WHERE (conversation_id, seq) > (@after_conversation::uuid, @after_seq::bigint)
ORDER BY conversation_id, seq LIMIT @max_rows;
