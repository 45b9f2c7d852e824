CREATE TABLE queue (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL UNIQUE,
    attributes  TEXT NOT NULL,
    created_ms  INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    purged_ms   INTEGER
) STRICT;

-- A deleted queue's name rests for a while before it may be used again.
CREATE TABLE deleted_queue (
    name       TEXT PRIMARY KEY,
    deleted_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE message (
    seq                 INTEGER PRIMARY KEY AUTOINCREMENT,
    queue_id            INTEGER NOT NULL REFERENCES queue (id) ON DELETE CASCADE,
    message_id          TEXT NOT NULL,
    body                TEXT NOT NULL,
    attributes          TEXT NOT NULL,
    system_attributes   TEXT NOT NULL,
    sent_ms             INTEGER NOT NULL,
    -- When the message is visible: later than now while it is delayed or in flight.
    visible_ms          INTEGER NOT NULL,
    -- 1 from the first receive on: tells a message in flight from a delayed one.
    is_received         INTEGER NOT NULL DEFAULT 0,
    -- Across all queues, which is what ApproximateReceiveCount counts.
    receive_count       INTEGER NOT NULL DEFAULT 0,
    -- In this queue, which is what maxReceiveCount bounds.
    queue_receive_count INTEGER NOT NULL DEFAULT 0,
    first_received_ms   INTEGER,
    received_ms         INTEGER,
    -- The secret part of the newest receipt handle.
    receipt             TEXT,
    dead_letter_source  TEXT
) STRICT;

-- Each ends in the row id, so that one queue is read in the order of arrival without sorting.
CREATE INDEX message_by_queue ON message (queue_id);
CREATE INDEX message_by_visibility ON message (queue_id, visible_ms);
CREATE INDEX message_by_age ON message (queue_id, sent_ms);

CREATE TABLE move_task (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    source_arn      TEXT NOT NULL,
    destination_arn TEXT,
    started_ms      INTEGER NOT NULL,
    to_move         INTEGER NOT NULL,
    moved           INTEGER NOT NULL
) STRICT;
