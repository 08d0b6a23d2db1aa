-- +goose Up
-- Sign-ins that were brought back from a provider, so that none counts twice, on whatever replica. A row goes when the sign-in would have
-- expired anyway.
CREATE TABLE spent_sign_ins (
    secret_hash bytea PRIMARY KEY,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX spent_sign_ins_expired ON spent_sign_ins (expires_at);

ALTER TABLE users ADD COLUMN picture_chosen boolean NOT NULL DEFAULT false; -- a picture was once set or removed: sign-in brings none
CREATE INDEX users_picture ON users (picture) WHERE picture <> '';

-- +goose Down
DROP INDEX users_picture;
ALTER TABLE users DROP COLUMN picture_chosen;
DROP TABLE spent_sign_ins;
