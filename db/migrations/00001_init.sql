-- Parley's data model. Ids are UUIDs that the program makes, UUIDv7 unless a
-- comment says otherwise. A later change of the schema is a migration of its own
-- beside this file, numbered in sequence. A view has the columns that its tables
-- had when it was created: a migration that adds a column replaces the view too.
--
-- Folded texts are made by the program (chat.Fold), and are compared by their bytes
-- (COLLATE "C"), so that no search and no list depends on the database's locale.
--
-- Users and conversations are never deleted, because records in Kafka may still
-- name them. A deleted account is an emptied row of users.

-- +goose Up
-- One row: the identity of this database, which a restored backup has too. The records and the
-- committed offsets in Kafka name it, so that another installation does not store them.
CREATE TABLE installation (
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    singleton boolean NOT NULL DEFAULT true UNIQUE CHECK (singleton)
);
INSERT INTO installation DEFAULT VALUES;

-- People with their settings.
CREATE TABLE users (
    id             uuid PRIMARY KEY,
    name           text NOT NULL,
    folded_name    text COLLATE "C" NOT NULL,      -- chat.Fold(name): searched, and the sort key of lists
    name_grams     text[] COLLATE "C" NOT NULL,    -- chat.NameGrams(folded_name)
    created_at     timestamptz NOT NULL DEFAULT now(),
    confirmed      boolean NOT NULL DEFAULT true,  -- false: the provider's name is not confirmed yet
    picture        text NOT NULL DEFAULT '',       -- pictures.hash; '': the initials are shown
    theme          text NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark')),
    time_zone      text NOT NULL DEFAULT '',       -- IANA name; '': unknown
    share_read     boolean NOT NULL DEFAULT true,  -- others see how far the person has read
    share_presence boolean NOT NULL DEFAULT true,  -- others see whether the person is online
    share_typing   boolean NOT NULL DEFAULT true,  -- others see that the person is typing
    seen_at        timestamptz,                    -- end of the last stream; NULL: never, or not shared
    deleted_at     timestamptz,                    -- NULL: the account exists
    picture_chosen boolean NOT NULL DEFAULT false, -- true: a sign-in no longer sets the picture
    invite_version integer NOT NULL DEFAULT 0      -- of the person's invite links; those of another version don't work
);

-- Lists of people in the order of their names.
CREATE INDEX users_folded_name ON users (folded_name, id);

-- DropPicture: whether any user still has a picture.
CREATE INDEX users_picture ON users (picture) WHERE picture <> '';

-- SearchPeople: names that contain a text, in any script.
CREATE INDEX users_name_grams ON users USING gin (name_grams);

-- Sign-in accounts at the providers, by issuer and subject. An e-mail address is never stored.
CREATE TABLE identities (
    provider text NOT NULL,
    subject  text NOT NULL,
    user_id  uuid NOT NULL REFERENCES users,
    PRIMARY KEY (provider, subject)
);

-- ExportIdentities and DeleteIdentities.
CREATE INDEX identities_user ON identities (user_id);

-- Devices that are signed in.
CREATE TABLE sessions (
    id         uuid PRIMARY KEY,      -- chat.SessionID(token_hash)
    token_hash bytea NOT NULL UNIQUE, -- SHA-256 of the token in the cookie, which is never stored
    user_id    uuid NOT NULL REFERENCES users,
    device     text NOT NULL,         -- browser and system, for the list of sessions
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL DEFAULT now() -- last use, written in batches
);

-- Sessions, EndOtherSessions and DeleteSessions: those of a person.
CREATE INDEX sessions_user ON sessions (user_id);

-- Sign-ins that a provider has sent back. The row makes each count once, on any
-- replica, and is removed a day after the sign-in would have expired.
CREATE TABLE spent_sign_ins (
    secret_hash bytea PRIMARY KEY,
    expires_at  timestamptz NOT NULL
);

-- ForgetSpentSignIns.
CREATE INDEX spent_sign_ins_expired ON spent_sign_ins (expires_at);

-- Profile pictures, named by their content, so that one address never shows
-- another picture and two people with the same picture share a row.
CREATE TABLE pictures (
    hash       text PRIMARY KEY, -- SHA-256 in hex
    media_type text NOT NULL,
    content    bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Friendships. The two people are the key, the lower id first.
CREATE TABLE friendships (
    low_id  uuid NOT NULL REFERENCES users,
    high_id uuid NOT NULL REFERENCES users,
    since   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (low_id, high_id),
    CHECK (low_id < high_id)
);

-- Friends of a person who is the higher of the two.
CREATE INDEX friendships_high ON friendships (high_id);

-- Requests to become friends. A declined request looks pending to its asker for
-- chat.DeclineHiddenFor.
CREATE TABLE friend_requests (
    id          uuid PRIMARY KEY,
    asker_id    uuid NOT NULL REFERENCES users,
    asked_id    uuid NOT NULL REFERENCES users,
    state       text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'accepted', 'declined', 'cancelled')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    answered_at timestamptz, -- when the state last changed; NULL while pending
    CHECK (asker_id <> asked_id)
);

-- At most one request is pending between two people, in either direction.
CREATE UNIQUE INDEX friend_requests_waiting
    ON friend_requests (least(asker_id, asked_id), greatest(asker_id, asked_id))
    WHERE state = 'pending';

-- IncomingRequests and Counts: pending requests to a person.
CREATE INDEX friend_requests_asked ON friend_requests (asked_id, created_at)
    WHERE state = 'pending';

-- OutgoingRequests and RequestLimitReached: requests of a person, newest first.
CREATE INDEX friend_requests_asker ON friend_requests (asker_id, created_at);

-- Who has blocked whom. To the blocked person the blocker looks like a stranger who never answers.
-- A block of a deleted account stays, for the account that succeeds it (departed_identities).
CREATE TABLE blocks (
    blocker_id uuid NOT NULL REFERENCES users,
    blocked_id uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (blocker_id, blocked_id),
    CHECK (blocker_id <> blocked_id)
);

-- RestoreBlocks: blocks of a person by others.
CREATE INDEX blocks_blocked ON blocks (blocked_id);

-- Random keys of the installation. The program adds each when it is first needed.
CREATE TABLE secret_keys (
    name  text PRIMARY KEY,
    value bytea NOT NULL
);

-- Deleted accounts whose blocks by others, or whose recent requests, must outlive a sign-in
-- with the same identity. Nothing else is kept of the identity.
CREATE TABLE departed_identities (
    identity_hash bytea PRIMARY KEY, -- HMAC-SHA-256 of provider and subject with the key of that name
    user_id       uuid NOT NULL REFERENCES users -- the deleted account
);

-- Requests of the last day that were deleted with an account, and still count for their
-- asker's limit per day.
CREATE TABLE spent_requests (
    asker_id   uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL
);

-- RequestLimitReached and RestoreSpentRequests: those of an asker.
CREATE INDEX spent_requests_asker ON spent_requests (asker_id, created_at);

-- Conversations. A direct one is unique by its two people, the lower id first, so that two
-- requests that open it at once open the same one.
CREATE TABLE conversations (
    id            uuid PRIMARY KEY,
    kind          text NOT NULL DEFAULT 'direct' CHECK (kind IN ('direct', 'group')),
    direct_low    uuid,
    direct_high   uuid,
    created_at    timestamptz NOT NULL DEFAULT now(),
    name          text NOT NULL DEFAULT '',             -- of a group, like all that follows
    folded_name   text COLLATE "C" NOT NULL DEFAULT '', -- chat.Fold(name)
    about         text NOT NULL DEFAULT '',
    posting       text NOT NULL DEFAULT 'all' CHECK (posting IN ('all', 'admins')),    -- who may write
    history       text NOT NULL DEFAULT 'joined' CHECK (history IN ('joined', 'all')), -- what newcomers may read
    members_count integer NOT NULL DEFAULT 2,           -- present members
    channel       boolean NOT NULL DEFAULT false,       -- events go to the conversation's own channel, from then on
    UNIQUE (direct_low, direct_high),
    CHECK (direct_low < direct_high),
    CHECK ((kind = 'direct') = (direct_low IS NOT NULL AND direct_high IS NOT NULL))
);

-- Followed: small, so that it costs little to see that a person has no such conversation.
CREATE INDEX conversations_channel ON conversations (id) WHERE channel;

-- The people of a conversation, with their marks, which only move forward, and with the
-- member's own arrangement of it, which nobody else sees. Who has left or was removed keeps
-- the row, and may read up to left_seq.
CREATE TABLE members (
    conversation_id uuid NOT NULL REFERENCES conversations,
    user_id         uuid NOT NULL REFERENCES users,
    role            text NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'admin', 'member')),
    joined_at       timestamptz NOT NULL DEFAULT now(),
    joined_seq      bigint NOT NULL DEFAULT 0, -- of the message that says so; 0: from the beginning
    from_seq        bigint NOT NULL DEFAULT 1, -- the first readable message
    left_seq        bigint,                    -- the last readable message; NULL: a present member
    removed         boolean NOT NULL DEFAULT false, -- by an admin: invite links don't let the person in
    read_seq        bigint NOT NULL DEFAULT 0, -- everything up to this seq has been read
    delivered_seq   bigint NOT NULL DEFAULT 0, -- everything up to this seq has reached a device
    unread_seq      bigint,                    -- marked as unread from this seq on, whatever read_seq is
    pinned_at       timestamptz,               -- NULL: not pinned
    archived_seq    bigint,                    -- archived when this was the last seq; NULL: not archived
    notify          text NOT NULL DEFAULT 'all' CHECK (notify IN ('all', 'none')),
    muted_until     timestamptz,               -- NULL: not muted
    PRIMARY KEY (conversation_id, user_id)
);

-- The conversations of a person: their list, counts and export.
CREATE INDEX members_user ON members (user_id);

-- Invite links of groups. The program signs their ids.
CREATE TABLE group_invites (
    id              uuid PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations,
    created_by      uuid NOT NULL REFERENCES users,
    expires_at      timestamptz NOT NULL,
    max_uses        integer NOT NULL,
    uses            integer NOT NULL DEFAULT 0 CHECK (uses <= max_uses),
    approval        boolean NOT NULL, -- an admin lets people in
    revoked         boolean NOT NULL DEFAULT false
);

-- GroupInvites.
CREATE INDEX group_invites_conversation ON group_invites (conversation_id);

-- People who wait for an admin to let them into a group.
CREATE TABLE join_requests (
    conversation_id uuid NOT NULL REFERENCES conversations,
    user_id         uuid NOT NULL REFERENCES users,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (conversation_id, user_id)
);

-- DeleteJoinRequests: those of a person.
CREATE INDEX join_requests_user ON join_requests (user_id);

-- People as others last saw them: a row is added for each side when a friendship ends, and
-- removed when the two are friends again. Until then the viewer sees nothing newer of the person.
CREATE TABLE last_views (
    viewer_id       uuid NOT NULL REFERENCES users,
    person_id       uuid NOT NULL REFERENCES users,
    conversation_id uuid NOT NULL REFERENCES conversations,
    name            text NOT NULL,
    folded_name     text COLLATE "C" NOT NULL,   -- users.folded_name of that name
    name_grams      text[] COLLATE "C" NOT NULL, -- users.name_grams of that name
    picture         text NOT NULL, -- pictures.hash; '': none
    read_seq        bigint,        -- the person's marks; NULL: hidden from the viewer
    delivered_seq   bigint,
    PRIMARY KEY (viewer_id, person_id)
);

-- Members and messages of a conversation.
CREATE UNIQUE INDEX last_views_conversation ON last_views (conversation_id, person_id);

-- EmptyLastViews: all of a person.
CREATE INDEX last_views_person ON last_views (person_id);

-- DropPicture: whether a picture is still shown to anybody.
CREATE INDEX last_views_picture ON last_views (picture) WHERE picture <> '';

-- Messages. The two unique keys keep a conversation's numbers gapless and every
-- message single, whichever process writes. There are no foreign keys: they slow
-- the writer's COPY by 40 %, and the writer checks the conversation itself. Every
-- query for a person names the conversation (db/distribution_test.go), so the
-- table could be distributed over servers by it.
CREATE TABLE messages (
    conversation_id uuid NOT NULL,
    seq             bigint NOT NULL CHECK (seq > 0), -- 1, 2, 3, … without gaps
    id              uuid NOT NULL, -- chat.MessageID of sender, conversation, client id and text
    sender_id       uuid NOT NULL,
    client_id       uuid NOT NULL, -- chosen by the sender's page: a retry carries the same one
    log_offset      bigint,        -- in its Kafka partition; NULL: stored directly, without Kafka
    body            text NOT NULL,
    folded          text COLLATE "C" NOT NULL DEFAULT '', -- chat.FoldStart(body), for the filter of conversations
    sent_at         timestamptz NOT NULL,
    kind            text NOT NULL DEFAULT 'text',  -- 'system': it says what the sender did to the group
    event           text NOT NULL DEFAULT '',      -- of a system message; one of chat's, and body is its value
    person_id       uuid,                          -- of a system message: whom it concerns
    PRIMARY KEY (conversation_id, seq),
    UNIQUE (id)
);

-- Messages that were acknowledged and can't be stored because of their content.
-- Only their senders see them. A dismissed row stays, without its text, so that
-- a record that Kafka delivers again isn't returned again.
CREATE TABLE returned_messages (
    id              uuid PRIMARY KEY, -- of the message
    sender_id       uuid NOT NULL,
    conversation_id uuid NOT NULL,
    client_id       uuid NOT NULL,
    log_offset      bigint NOT NULL,
    body            text NOT NULL,
    reason          text NOT NULL,    -- why it can't be stored; one of chat's reasons
    sent_at         timestamptz NOT NULL,
    returned_at     timestamptz NOT NULL DEFAULT now(),
    dismissed       boolean NOT NULL DEFAULT false
);

-- Returned and ReturnedIn.
CREATE INDEX returned_messages_sender ON returned_messages (sender_id, conversation_id);

-- Texts that were typed and not sent.
CREATE TABLE drafts (
    user_id         uuid NOT NULL REFERENCES users,
    conversation_id uuid NOT NULL REFERENCES conversations,
    body            text NOT NULL, -- '': the message was sent; later saves of its client_id are rejected
    updated_at      timestamptz NOT NULL DEFAULT now(),
    client_id       uuid NOT NULL, -- of the message that the draft becomes
    PRIMARY KEY (user_id, conversation_id)
);

-- Whether a declined or pending request looks pending to its asker. The planner inlines it.
-- +goose StatementBegin
CREATE FUNCTION looks_pending(state text, answered_at timestamptz, silent_since timestamptz)
    RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN state = 'pending' OR state = 'declined' AND answered_at > silent_since;
-- +goose StatementEnd

-- Friendships that count: neither account is deleted. A deletion removes the rows
-- too; this also covers a friendship that commits just after it.
CREATE VIEW active_friendships AS
SELECT f.low_id, f.high_id, f.since
FROM friendships f
WHERE NOT EXISTS (
    SELECT 1 FROM users gone
    WHERE gone.id IN (f.low_id, f.high_id) AND gone.deleted_at IS NOT NULL
);

-- What each person may do in a conversation, which every query for a person asks: read the
-- messages from from_seq to to_seq, and write. Two people may write while they are friends;
-- members of a group while they are present and its admins let them. role is empty for a
-- person who is no longer present.
CREATE VIEW conversation_access AS
SELECT
    c.id,
    m.user_id AS person_id,
    c.kind,
    c.created_at,
    c.name,
    c.folded_name,
    c.about,
    c.posting,
    c.history,
    c.members_count,
    c.channel,
    (CASE WHEN m.left_seq IS NULL THEN m.role ELSE '' END)::text AS role,
    m.from_seq,
    coalesce(m.left_seq, 9223372036854775807)::bigint AS to_seq,
    (CASE c.kind
        WHEN 'direct' THEN EXISTS (
            SELECT 1 FROM active_friendships f
            WHERE f.low_id = c.direct_low AND f.high_id = c.direct_high
        )
        ELSE m.left_seq IS NULL AND (c.posting = 'all' OR m.role <> 'member')
    END)::boolean AS writable
FROM members m JOIN conversations c ON c.id = m.conversation_id;

-- Messages with the name and picture of their sender, in a closed conversation those of its end.
-- A query must name the conversation.
CREATE VIEW sent_messages AS
SELECT
    m.conversation_id,
    m.seq,
    m.id,
    m.sender_id,
    m.client_id,
    m.log_offset,
    m.body,
    m.sent_at,
    m.kind,
    m.event,
    coalesce(m.person_id, '00000000-0000-0000-0000-000000000000')::uuid AS person_id,
    coalesce(p.name, '')::text           AS person_name,
    coalesce(v.name, u.name)::text       AS sender_name,
    coalesce(v.picture, u.picture)::text AS sender_picture
FROM messages m
JOIN users u ON u.id = m.sender_id
LEFT JOIN users p ON p.id = m.person_id
LEFT JOIN last_views v ON v.conversation_id = m.conversation_id AND v.person_id = m.sender_id;

-- How far each member has seen a conversation: to the read mark, or to their own last
-- message if that is later. Own messages are looked for among the last 1,000, so that
-- a long unread conversation is not read as a whole. marked_unread counts the messages of
-- others among the first 1,000 that the member marked as unread, and is at least 1; NULL
-- without that mark. A query must name the member.
CREATE VIEW member_seen AS
SELECT mine.conversation_id, mine.user_id, mine.read_seq, mine.unread_seq, mine.pinned_at, mine.archived_seq,
    mine.notify, mine.muted_until, mine.left_seq,
    coalesce(mine.notify = 'none' OR mine.muted_until > now(), false)::boolean AS muted,
    CASE WHEN mine.unread_seq IS NOT NULL THEN greatest(1, (
        SELECT count(*) FROM (
            SELECT m.sender_id FROM messages m
            WHERE m.conversation_id = mine.conversation_id AND m.seq >= mine.unread_seq AND m.kind = 'text'
            ORDER BY m.seq
            LIMIT 1000
        ) marked
        WHERE marked.sender_id <> mine.user_id
    )) END AS marked_unread,
    greatest(mine.read_seq, (
        SELECT late.seq FROM (
            SELECT m.seq, m.sender_id FROM messages m
            WHERE m.conversation_id = mine.conversation_id AND m.seq > mine.read_seq
            ORDER BY m.seq DESC
            LIMIT 1000
        ) late
        WHERE late.sender_id = mine.user_id
        ORDER BY late.seq DESC
        LIMIT 1
    ))::bigint AS seen_seq
FROM members mine;

-- The same with the last message that each member may read (0: none), and with what is unread: the
-- messages after seen_seq, or marked_unread. In a group these are the texts of others, counted to
-- 100, which stands for more than 99. A query must name the member.
CREATE VIEW member_marks AS
SELECT s.*,
    coalesce(last.seq, 0)::bigint AS last_seq,
    coalesce(s.marked_unread, CASE c.kind
        WHEN 'direct' THEN last.seq - s.seen_seq
        ELSE (
            SELECT count(*) FROM (
                SELECT 1 FROM messages m
                WHERE m.conversation_id = s.conversation_id AND m.seq > s.seen_seq
                    AND m.seq <= coalesce(s.left_seq, m.seq) AND m.kind = 'text' AND m.sender_id <> s.user_id
                LIMIT 100
            ) others
        )
    END, 0)::bigint AS unread
FROM member_seen s JOIN conversations c ON c.id = s.conversation_id
LEFT JOIN LATERAL (
    SELECT m.seq FROM messages m
    WHERE m.conversation_id = s.conversation_id AND m.seq <= coalesce(s.left_seq, 9223372036854775807)
    ORDER BY m.seq DESC LIMIT 1
) last ON true;

-- Each conversation as each of its members lists it: with its last message and
-- when it last moved. Without a message last_seq is 0 and the other last_ columns
-- are empty. An archived conversation returns to the list with its next message, unless it
-- is muted. A query must name the member.
CREATE VIEW member_conversations AS
SELECT
    mine.user_id AS member_id,
    c.id,
    c.created_at,
    c.kind,
    c.name,
    c.folded_name,
    c.about,
    c.posting,
    c.history,
    c.members_count,
    c.role,
    c.from_seq,
    mine.read_seq,
    mine.unread_seq,
    mine.unread,
    (mine.pinned_at IS NOT NULL)::boolean AS pinned,
    coalesce(mine.pinned_at, 'epoch')::timestamptz AS pinned_at,
    (mine.archived_seq IS NOT NULL AND (mine.muted OR mine.last_seq <= mine.archived_seq))::boolean
        AS archived,
    mine.notify,
    coalesce(mine.muted_until, 'epoch')::timestamptz AS muted_until,
    mine.muted,
    mine.last_seq,
    coalesce(last.id, '00000000-0000-0000-0000-000000000000')::uuid AS last_id,
    coalesce(last.sender_id, '00000000-0000-0000-0000-000000000000')::uuid AS last_sender_id,
    coalesce(last.sender_name, '')::text AS last_sender_name,
    coalesce(last.sender_picture, '')::text AS last_sender_picture,
    coalesce(last.client_id, '00000000-0000-0000-0000-000000000000')::uuid AS last_client_id,
    last.log_offset AS last_log_offset,
    coalesce(last.body, '')::text AS last_body,
    coalesce(last.kind, '')::text AS last_kind,
    coalesce(last.event, '')::text AS last_event,
    coalesce(last.person_id, '00000000-0000-0000-0000-000000000000')::uuid AS last_person_id,
    coalesce(last.person_name, '')::text AS last_person_name,
    coalesce(last.sent_at, c.created_at)::timestamptz AS moved_at,
    c.writable
FROM member_marks mine
JOIN conversation_access c ON c.id = mine.conversation_id AND c.person_id = mine.user_id
LEFT JOIN LATERAL (
    SELECT m.* FROM sent_messages m
    WHERE m.conversation_id = c.id AND m.seq = mine.last_seq
    LIMIT 1
) last ON true;

-- +goose Down
DROP VIEW member_conversations, member_marks, member_seen, sent_messages, conversation_access, active_friendships;
DROP FUNCTION looks_pending;
DROP TABLE drafts, returned_messages, messages, last_views, join_requests, group_invites, members, conversations, spent_requests,
    departed_identities, secret_keys, blocks, friend_requests, friendships, pictures, spent_sign_ins, sessions,
    identities, users, installation;
