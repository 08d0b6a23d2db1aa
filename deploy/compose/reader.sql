-- Views for the role parley_reader, in a schema of their own: who is there, and how many
-- messages, without tokens, texts or pictures. It can run again. A migration that removes a
-- column which a view names must drop the schema reader first.
CREATE SCHEMA IF NOT EXISTS reader;
CREATE OR REPLACE VIEW reader.people AS SELECT id, name, created_at, deleted_at FROM public.users;
CREATE OR REPLACE VIEW reader.friendships AS SELECT * FROM public.friendships;
CREATE OR REPLACE VIEW reader.conversations AS SELECT id, created_at FROM public.conversations;
CREATE OR REPLACE VIEW reader.messages AS SELECT id, conversation_id, seq, sender_id, sent_at FROM public.messages;
GRANT USAGE ON SCHEMA reader TO parley_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA reader TO parley_reader;
REVOKE ALL ON SCHEMA public FROM parley_reader;
