-- older releases: can read and write
-- As SQLite's, where each line is explained.

CREATE TABLE worker (
    worker TEXT COLLATE "C" PRIMARY KEY,
    until TEXT COLLATE "C" NOT NULL
);

CREATE TABLE told (
    store TEXT COLLATE "C" PRIMARY KEY REFERENCES store,
    session TEXT COLLATE "C" NOT NULL,
    commands BIGINT NOT NULL,
    leased_by TEXT COLLATE "C" NOT NULL DEFAULT '',
    lease_until TEXT COLLATE "C" NOT NULL DEFAULT ''
);

CREATE TABLE told_stream (
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    stream TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (store, stream)
);

CREATE TABLE superseded_boot (
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    boot TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    heard BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (store, boot)
);

CREATE TABLE alarm (
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    kind TEXT COLLATE "C" NOT NULL,
    detail TEXT NOT NULL,
    since TEXT COLLATE "C" NOT NULL,
    last TEXT COLLATE "C" NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (store, kind)
);

ALTER TABLE store ADD COLUMN quarantined BIGINT NOT NULL DEFAULT 0;

CREATE TABLE quarantine (
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    id TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    epoch BIGINT NOT NULL,
    lane TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    raw BYTEA NOT NULL,
    PRIMARY KEY (store, id)
);

CREATE INDEX quarantine_by_age ON quarantine (at);
