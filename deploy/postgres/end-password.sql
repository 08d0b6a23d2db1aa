-- Ends a role's password and its connections, after the last replica has moved to the
-- other role:
--
--   psql "$ADMIN_URL" --no-psqlrc --set ON_ERROR_STOP=1 --set role=parley_a --file deploy/postgres/end-password.sql
ALTER ROLE :"role" NOLOGIN PASSWORD NULL;
SELECT count(pg_terminate_backend(pid)) AS connections_ended FROM pg_stat_activity WHERE usename = :'role';
