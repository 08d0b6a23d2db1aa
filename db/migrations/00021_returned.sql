-- +goose Up
-- Messages that were acknowledged and couldn't be stored for their content, for their senders. Once dismissed the row stays without its text, so that
-- a record which is delivered again isn't returned again.
CREATE TABLE returned_messages (
    id              uuid PRIMARY KEY,
    sender_id       uuid NOT NULL,
    conversation_id uuid NOT NULL,
    client_id       uuid NOT NULL,
    log_offset      bigint NOT NULL,
    body            text NOT NULL,
    reason          text NOT NULL,
    sent_at         timestamptz NOT NULL,
    returned_at     timestamptz NOT NULL DEFAULT now(),
    dismissed       boolean NOT NULL DEFAULT false
);
CREATE INDEX returned_messages_sender ON returned_messages (sender_id, conversation_id);

-- +goose Down
DROP TABLE returned_messages;
