-- +goose Up
ALTER TABLE users
    ADD COLUMN confirmed      boolean NOT NULL DEFAULT true, -- false until a provider's name was confirmed at the first sign-in
    ADD COLUMN picture        text    NOT NULL DEFAULT '',   -- pictures.hash, '': initials
    ADD COLUMN theme          text    NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark')),
    ADD COLUMN time_zone      text    NOT NULL DEFAULT '',   -- IANA name, '': not known
    ADD COLUMN share_read     boolean NOT NULL DEFAULT true,
    ADD COLUMN share_presence boolean NOT NULL DEFAULT true,
    ADD COLUMN share_typing   boolean NOT NULL DEFAULT true,
    ADD COLUMN seen_at        timestamptz,                   -- when the last stream ended
    ADD COLUMN deleted_at     timestamptz;                   -- emptied, never deleted

ALTER TABLE sessions ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now();

-- Named by what they are (SHA-256 in hex), so that an address never shows another picture.
CREATE TABLE pictures (
    hash       text PRIMARY KEY,
    media_type text NOT NULL,
    content    bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- What was typed and not sent.
CREATE TABLE drafts (
    user_id         uuid NOT NULL REFERENCES users,
    conversation_id uuid NOT NULL REFERENCES conversations,
    body            text NOT NULL,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, conversation_id)
);

-- +goose Down
DROP TABLE drafts, pictures;
ALTER TABLE sessions DROP COLUMN seen_at;
ALTER TABLE users DROP COLUMN confirmed, DROP COLUMN picture, DROP COLUMN theme, DROP COLUMN time_zone, DROP COLUMN share_read,
    DROP COLUMN share_presence, DROP COLUMN share_typing, DROP COLUMN seen_at, DROP COLUMN deleted_at;
