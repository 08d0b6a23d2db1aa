-- Creates Parley's database. PostgreSQL's administrator runs it once:
--
--   psql "$ADMIN_URL" --no-psqlrc --set ON_ERROR_STOP=1 --file deploy/postgres/roles.sql
--
-- The role parley owns everything and can't log in. Replicas log in as parley_a or
-- parley_b and act as parley. The second one makes a change of the password possible
-- without an outage: set-password.sql gives it one, end-password.sql ends the first.
CREATE ROLE parley NOLOGIN;
CREATE ROLE parley_a NOLOGIN IN ROLE parley;
CREATE ROLE parley_b NOLOGIN IN ROLE parley;
ALTER ROLE parley_a SET role = 'parley';
ALTER ROLE parley_b SET role = 'parley';
CREATE DATABASE parley OWNER parley ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE parley FROM PUBLIC;
