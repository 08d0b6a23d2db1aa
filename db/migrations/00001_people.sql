-- +goose Up
-- Users and conversations are emptied, never deleted: records of the log may still name them.
CREATE TABLE users (
    id          uuid PRIMARY KEY,
    name        text NOT NULL,
    folded_name text NOT NULL, -- chat.FoldName, for sorting and the development sign-in
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX users_folded_name ON users (folded_name, id);

-- Who a provider says someone is. Never an e-mail address.
CREATE TABLE identities (
    provider text NOT NULL,
    subject  text NOT NULL,
    user_id  uuid NOT NULL REFERENCES users,
    PRIMARY KEY (provider, subject)
);
CREATE INDEX identities_user ON identities (user_id);

CREATE TABLE sessions (
    id         uuid PRIMARY KEY, -- chat.SessionID of the hash
    token_hash bytea NOT NULL UNIQUE,
    user_id    uuid NOT NULL REFERENCES users,
    device     text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

-- +goose Down
DROP TABLE sessions, identities, users;
