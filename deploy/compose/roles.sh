#!/bin/sh
# roles.sh runs once, when PostgreSQL's volume is new. It creates the role and the
# database of Parley, and a role that may read the views of reader.sql. Passwords
# reach psql through its environment, not through its arguments.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv parley DATABASE_PASSWORD
\getenv reader READER_PASSWORD
CREATE ROLE parley LOGIN PASSWORD :'parley';
CREATE ROLE parley_reader LOGIN PASSWORD :'reader';
CREATE DATABASE parley OWNER parley ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE parley FROM PUBLIC;
GRANT CONNECT ON DATABASE parley TO parley_reader;
SQL
