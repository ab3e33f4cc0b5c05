-- older releases: can read and write
-- Several processes at one database: who is there, who tells which store what; and what was set
-- aside instead of taken, or looks wrong.

-- Processes that take what stores send. A row whose time has run out is of one that was killed.
CREATE TABLE worker (
    worker TEXT PRIMARY KEY,
    until  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- How far a store has been told since its last hello; and which worker is telling it now.
CREATE TABLE told (
    store       TEXT    PRIMARY KEY REFERENCES store,
    session     TEXT    NOT NULL,               -- of the hello from which this counts
    commands    INTEGER NOT NULL,
    leased_by   TEXT    NOT NULL DEFAULT '',
    lease_until TEXT    NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE told_stream (
    store   TEXT    NOT NULL REFERENCES store,
    stream  TEXT    NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (store, stream)
) STRICT, WITHOUT ROWID;

-- Starts of the leading gateway after which it has started again: none of them can come back.
CREATE TABLE superseded_boot (
    store TEXT    NOT NULL REFERENCES store,
    boot  TEXT    NOT NULL,
    at    TEXT    NOT NULL,
    heard INTEGER NOT NULL DEFAULT 0,           -- hellos since
    PRIMARY KEY (store, boot)
) STRICT, WITHOUT ROWID;

CREATE TABLE alarm (
    store  TEXT    NOT NULL REFERENCES store,
    kind   TEXT    NOT NULL,
    detail TEXT    NOT NULL,
    since  TEXT    NOT NULL,
    last   TEXT    NOT NULL,
    times  INTEGER NOT NULL,
    PRIMARY KEY (store, kind)
) STRICT, WITHOUT ROWID;

-- Facts that this hub could not take, at the place in their lane that they had.
ALTER TABLE store ADD COLUMN quarantined INTEGER NOT NULL DEFAULT 0;

CREATE TABLE quarantine (
    store    TEXT    NOT NULL REFERENCES store,
    id       TEXT    NOT NULL,
    source   TEXT    NOT NULL,
    epoch    INTEGER NOT NULL,
    lane     TEXT    NOT NULL,
    sequence INTEGER NOT NULL,
    reason   TEXT    NOT NULL,
    at       TEXT    NOT NULL,
    raw      BLOB    NOT NULL,                  -- as it came; may not even be text
    PRIMARY KEY (store, id)
) STRICT;

CREATE INDEX quarantine_by_age ON quarantine (at);
