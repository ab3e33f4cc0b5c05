-- The hub's database. Times are ISO 8601 UTC with microseconds, so that they sort as text.

CREATE TABLE store (
    store         TEXT    PRIMARY KEY,
    epoch         INTEGER NOT NULL DEFAULT 0,  -- the newest granted; older ones are fenced
    gateway       TEXT,                        -- the one to which it was granted
    session       TEXT    NOT NULL DEFAULT '',  -- id of the hello under which facts are taken
    agent_version TEXT,
    online        INTEGER NOT NULL DEFAULT 0,
    since         TEXT,                        -- when `online` last changed
    gone          INTEGER NOT NULL DEFAULT 0,  -- it, or its Last Will, said that it goes
    doubted       INTEGER NOT NULL DEFAULT 0,  -- it contradicted itself: its next hello gets an epoch
    facts         INTEGER NOT NULL DEFAULT 0,  -- lifetime; COUNT(*) over all would take long
    last_fact_at  TEXT
) STRICT;

-- One row per fact. A fact that a restored store hands over again under a new epoch keeps the row
-- that it has.
CREATE TABLE fact (
    store       TEXT    NOT NULL REFERENCES store,
    epoch       INTEGER NOT NULL,
    lane        TEXT    NOT NULL,
    sequence    INTEGER NOT NULL,
    id          TEXT    NOT NULL,
    type        TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    time        TEXT    NOT NULL,
    received_at TEXT    NOT NULL,
    raw         TEXT    NOT NULL,  -- the whole event as it came, with fields this version ignores
    PRIMARY KEY (store, epoch, lane, sequence),
    UNIQUE (store, id)
) STRICT;

CREATE INDEX fact_by_arrival ON fact (received_at);
CREATE INDEX fact_by_store_arrival ON fact (store, received_at);
CREATE INDEX fact_by_lane_arrival ON fact (store, lane, received_at);

-- Per lane and epoch: how far the database has come, and the chain hash of that last fact.
CREATE TABLE cursor (
    store    TEXT    NOT NULL REFERENCES store,
    epoch    INTEGER NOT NULL,
    lane     TEXT    NOT NULL,
    sequence INTEGER NOT NULL,
    hash     TEXT    NOT NULL,
    PRIMARY KEY (store, epoch, lane)
) STRICT, WITHOUT ROWID;

-- The command log of each store: gapless, from a counter row (a database sequence is not gapless).
CREATE TABLE command_counter (
    store TEXT    PRIMARY KEY REFERENCES store,
    last  INTEGER NOT NULL
) STRICT;

CREATE TABLE command (
    store    TEXT    NOT NULL REFERENCES store,
    sequence INTEGER NOT NULL,
    id       TEXT    NOT NULL UNIQUE,
    type     TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    raw      TEXT    NOT NULL,
    answered TEXT,                 -- id of the fact that answered it
    PRIMARY KEY (store, sequence)
) STRICT;

CREATE INDEX command_unanswered ON command (store, subject) WHERE answered IS NULL;

-- State streams: what each store should hold, and the steps that led there.
CREATE TABLE stream_version (
    store   TEXT    NOT NULL REFERENCES store,
    stream  TEXT    NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (store, stream)
) STRICT, WITHOUT ROWID;

CREATE TABLE stream_item (
    store  TEXT NOT NULL REFERENCES store,
    stream TEXT NOT NULL,
    key    TEXT NOT NULL,
    item   TEXT NOT NULL,
    PRIMARY KEY (store, stream, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE stream_delta (
    store   TEXT    NOT NULL REFERENCES store,
    stream  TEXT    NOT NULL,
    version INTEGER NOT NULL,
    raw     TEXT    NOT NULL,
    PRIMARY KEY (store, stream, version)
) STRICT, WITHOUT ROWID;

-- Orders, as placed here and as the stores' facts have moved them on.
CREATE TABLE orders (
    store      TEXT NOT NULL REFERENCES store,
    order_id   TEXT NOT NULL,
    state      TEXT NOT NULL,
    placed     TEXT NOT NULL,      -- wire.streams.orders.PlaceOrder
    placed_at  TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    reason     TEXT,               -- of a rejection, cancellation or refused cancellation
    evidence   TEXT,               -- of a handover, a JSON array
    PRIMARY KEY (store, order_id)
) STRICT;

CREATE INDEX orders_by_age ON orders (placed_at);

CREATE TABLE order_number (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    last INTEGER NOT NULL
) STRICT;
INSERT INTO order_number VALUES (1, 1000);

CREATE TABLE campaign (
    campaign TEXT    PRIMARY KEY,
    raw      TEXT    NOT NULL,     -- wire.streams.coupons.Campaign
    stores   TEXT,                 -- a JSON array; NULL for all
    ended    INTEGER NOT NULL DEFAULT 0,
    offered  INTEGER NOT NULL DEFAULT 0,
    redeemed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Sign-ins, and answers kept by Idempotency-Key.
CREATE TABLE session (
    token_hash TEXT PRIMARY KEY,   -- SHA-256; the token itself is nowhere
    role       TEXT NOT NULL,
    expires    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE answer (
    key       TEXT    PRIMARY KEY,
    body_hash TEXT    NOT NULL,
    status    INTEGER NOT NULL,
    body      BLOB    NOT NULL,
    at        TEXT    NOT NULL
) STRICT;
