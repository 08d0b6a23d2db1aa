-- Gives a role the password in the file next-password, and lets it log in:
--
--   psql "$ADMIN_URL" --no-psqlrc --set ON_ERROR_STOP=1 --set role=parley_b --file deploy/postgres/set-password.sql
--
-- The password is in no argument, so it is not in the list of processes. A server with
-- log_statement = ddl or all writes it to its log: use \password there instead.
\set secret `cat next-password`
ALTER ROLE :"role" LOGIN PASSWORD :'secret';
