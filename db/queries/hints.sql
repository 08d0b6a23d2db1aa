-- name: Notify :exec
-- One statement, so one commit, for several records.
SELECT pg_notify(@channel::text, record) FROM unnest(@records::text[]) AS record;
