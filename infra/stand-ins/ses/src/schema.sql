CREATE TABLE mail (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id  TEXT NOT NULL,
    received_ms INTEGER NOT NULL,
    sender      TEXT NOT NULL,
    raw         BLOB NOT NULL
) STRICT;

-- The envelope: whom SES would deliver to, Bcc too. Lower case, as it is what mails are looked up by.
CREATE TABLE recipient (
    mail_id INTEGER NOT NULL REFERENCES mail (id) ON DELETE CASCADE,
    place   INTEGER NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (mail_id, place)
) STRICT, WITHOUT ROWID;

CREATE INDEX recipient_by_address ON recipient (address, mail_id);
