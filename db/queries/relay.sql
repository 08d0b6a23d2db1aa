-- One statement for all records, so that they share one commit.
-- name: Notify :exec
SELECT pg_notify(@channel::text, record) FROM unnest(@records::text[]) AS record;
