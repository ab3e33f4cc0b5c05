-- The hub's database on PostgreSQL, as SQLite has it after its own 0004: there each line is explained.
--
-- Text of keys compares byte by byte (COLLATE "C"): the same order on both engines, and no locale's
-- rules on the way of every fact. Flags are INTEGER on both. A fact has no foreign key to its store:
-- whoever inserts one holds the store's row anyway, and a check per row would cost a third of COPY.

CREATE TABLE store (
    store TEXT COLLATE "C" PRIMARY KEY,
    epoch BIGINT NOT NULL DEFAULT 0,
    gateway TEXT COLLATE "C",
    session TEXT COLLATE "C" NOT NULL DEFAULT '',
    agent_version TEXT,
    online INTEGER NOT NULL DEFAULT 0,
    since TEXT COLLATE "C",
    gone INTEGER NOT NULL DEFAULT 0,
    doubted INTEGER NOT NULL DEFAULT 0,
    facts BIGINT NOT NULL DEFAULT 0,
    last_fact_at TEXT COLLATE "C",
    boot TEXT COLLATE "C" NOT NULL DEFAULT ''
);

CREATE TABLE fact (
    store TEXT COLLATE "C" NOT NULL,
    epoch BIGINT NOT NULL,
    lane TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    time TEXT COLLATE "C" NOT NULL,
    received_at TEXT COLLATE "C" NOT NULL,
    raw TEXT NOT NULL,
    PRIMARY KEY (store, epoch, lane, sequence),
    UNIQUE (store, id)
);

CREATE INDEX fact_by_arrival ON fact (received_at);
CREATE INDEX fact_by_store_arrival ON fact (store, received_at);
CREATE INDEX fact_by_lane_arrival ON fact (store, lane, received_at);

CREATE TABLE cursor (
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    epoch BIGINT NOT NULL,
    lane TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (store, epoch, lane)
);

CREATE TABLE command_counter (
    store TEXT COLLATE "C" PRIMARY KEY REFERENCES store,
    last BIGINT NOT NULL
);

CREATE TABLE command (
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    sequence BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    type TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    raw TEXT NOT NULL,
    answered TEXT,
    PRIMARY KEY (store, sequence)
);

CREATE INDEX command_unanswered ON command (store, subject) WHERE answered IS NULL;

CREATE TABLE stream_version (
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    stream TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (store, stream)
);

CREATE TABLE stream_item (
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    stream TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    item TEXT NOT NULL,
    PRIMARY KEY (store, stream, key)
);

CREATE TABLE stream_delta (
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    stream TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    raw TEXT NOT NULL,
    PRIMARY KEY (store, stream, version)
);

CREATE TABLE orders (
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    order_id TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL,
    placed TEXT NOT NULL,
    placed_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    reason TEXT,
    evidence TEXT,
    PRIMARY KEY (store, order_id)
);

CREATE INDEX orders_by_age ON orders (placed_at);

CREATE TABLE order_number (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    last BIGINT NOT NULL
);
INSERT INTO order_number VALUES (1, 1000);

CREATE TABLE campaign (
    campaign TEXT COLLATE "C" PRIMARY KEY,
    raw TEXT NOT NULL,
    stores TEXT,
    ended INTEGER NOT NULL DEFAULT 0,
    offered BIGINT NOT NULL DEFAULT 0,
    redeemed BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE session (
    token_hash TEXT COLLATE "C" PRIMARY KEY,
    role TEXT NOT NULL,
    expires TEXT COLLATE "C" NOT NULL
);

CREATE TABLE answer (
    key TEXT COLLATE "C" PRIMARY KEY,
    body_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    body BYTEA NOT NULL,
    at TEXT COLLATE "C" NOT NULL
);

CREATE TABLE person_key (
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    id TEXT COLLATE "C" NOT NULL,
    key BYTEA,
    PRIMARY KEY (store, id)
);

CREATE TABLE awaiting_key (
    store TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    fact TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (store, key, fact)
);

CREATE TABLE shopper (
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    shopper TEXT COLLATE "C" NOT NULL,
    entry TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (store, shopper)
);

CREATE TABLE shopper_key (
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    key TEXT COLLATE "C" NOT NULL,
    shopper TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (store, key)
);


CREATE TABLE unseen (
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('receiver', 'zone')),
    id TEXT COLLATE "C" NOT NULL,
    boot TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (store, kind, id)
);
