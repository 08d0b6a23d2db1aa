-- The stored numbers of a conversation above one: their count, the first, the last, and each gap from its
-- first missing number to its last.
-- name: Numbers :one
SELECT count(*) AS stored, coalesce(min(seq), 0)::bigint AS first, coalesce(max(seq), 0)::bigint AS last,
    coalesce(array_agg(previous + 1 ORDER BY seq) FILTER (WHERE seq > previous + 1), '{}')::bigint[] AS gaps_from,
    coalesce(array_agg(seq - 1 ORDER BY seq) FILTER (WHERE seq > previous + 1), '{}')::bigint[] AS gaps_to
FROM (
    SELECT m.seq, lag(m.seq, 1, @after::bigint) OVER (ORDER BY m.seq) AS previous
    FROM messages m WHERE m.conversation_id = @conversation_id AND m.seq > @after::bigint
) numbered;
