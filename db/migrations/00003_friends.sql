-- +goose Up
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA public;

-- The form in which names are searched: accents and case gone. unaccent is only STABLE because its dictionary could be edited; ours isn't.
-- +goose StatementBegin
CREATE FUNCTION search_form(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN lower(public.unaccent('public.unaccent'::regdictionary, normalize(name, NFKC)));
-- +goose StatementEnd
CREATE INDEX users_search_form ON users USING gin (search_form(name) public.gin_trgm_ops);

-- A friendship is named by its two people, the lower id first.
CREATE TABLE friendships (
    low_id  uuid NOT NULL REFERENCES users,
    high_id uuid NOT NULL REFERENCES users,
    since   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (low_id, high_id),
    CHECK (low_id < high_id)
);
CREATE INDEX friendships_high ON friendships (high_id);

-- At most one request waits between two people, whoever asked.
CREATE TABLE friend_requests (
    id          uuid PRIMARY KEY,
    asker_id    uuid NOT NULL REFERENCES users,
    asked_id    uuid NOT NULL REFERENCES users,
    state       text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'accepted', 'declined', 'cancelled')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    answered_at timestamptz,
    CHECK (asker_id <> asked_id)
);
CREATE UNIQUE INDEX friend_requests_waiting ON friend_requests (least(asker_id, asked_id), greatest(asker_id, asked_id)) WHERE state = 'pending';
CREATE INDEX friend_requests_asked ON friend_requests (asked_id, created_at) WHERE state = 'pending';
CREATE INDEX friend_requests_asker ON friend_requests (asker_id, created_at);

CREATE TABLE blocks (
    blocker_id uuid NOT NULL REFERENCES users,
    blocked_id uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (blocker_id, blocked_id),
    CHECK (blocker_id <> blocked_id)
);
CREATE INDEX blocks_blocked ON blocks (blocked_id);

-- +goose Down
DROP TABLE blocks, friend_requests, friendships;
DROP INDEX users_search_form;
DROP FUNCTION search_form;
