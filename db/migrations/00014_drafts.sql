-- +goose Up
-- The client id of the message that the draft will be. Once that was sent, the row stays with an empty body, so that a draft of it which comes
-- late is known as one.
ALTER TABLE drafts ADD COLUMN client_id uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE drafts ALTER COLUMN client_id DROP DEFAULT;

-- +goose Down
ALTER TABLE drafts DROP COLUMN client_id;
