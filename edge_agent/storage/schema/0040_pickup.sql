-- Orders, the openings of doors, and what the compartments' sensors last said. Times are
-- microseconds since 1970, UTC.

CREATE TABLE pickup_order (
    id          TEXT    PRIMARY KEY,
    state       TEXT    NOT NULL,
    shopper     TEXT,               -- the pseudonym, where the customer has joined
    collector   TEXT    NOT NULL,   -- emptied some days after the order's end
    phone_last4 TEXT    NOT NULL,   -- likewise
    language    TEXT    NOT NULL,
    lines       BLOB    NOT NULL,   -- JSON
    placed_at   INTEGER NOT NULL,
    collect_by  INTEGER NOT NULL,
    desk        INTEGER NOT NULL CHECK (desk IN (0, 1)),
    bank        TEXT,
    compartment INTEGER,
    arrived_at  INTEGER,
    arrived_by  TEXT,
    ended_at    INTEGER,
    pass_id     TEXT,
    evidence    BLOB    NOT NULL,   -- JSON
    problem     TEXT,
    reason      TEXT    NOT NULL,
    CHECK ((bank IS NULL) = (compartment IS NULL)),
    CHECK (NOT (desk = 1 AND bank IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- Two orders never share a door, and an ended order holds one only until its bag is out.
CREATE UNIQUE INDEX order_by_compartment ON pickup_order (bank, compartment)
    WHERE bank IS NOT NULL;
CREATE INDEX order_by_shopper ON pickup_order (shopper, placed_at) WHERE shopper IS NOT NULL;
CREATE INDEX order_by_age ON pickup_order (placed_at);
CREATE INDEX order_with_name ON pickup_order (ended_at) WHERE ended_at IS NOT NULL
    AND collector <> '';

CREATE TABLE opening (
    key                  TEXT    PRIMARY KEY,  -- the command id on the device bus
    order_id             TEXT    NOT NULL REFERENCES pickup_order (id),
    bank                 TEXT    NOT NULL,
    compartment          INTEGER NOT NULL,
    purpose              TEXT    NOT NULL CHECK (purpose IN ('stage', 'collect', 'remove')),
    state                TEXT    NOT NULL
                         CHECK (state IN ('pending', 'opened', 'ended', 'failed')),
    boot                 TEXT    NOT NULL,     -- of the process that decided it
    decided_at           INTEGER NOT NULL,
    decided_monotonic    REAL    NOT NULL,     -- seconds, comparable within boot
    not_after            INTEGER NOT NULL,
    not_after_monotonic  REAL    NOT NULL,
    opened_at            INTEGER,
    reason               TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX opening_in_hand ON opening (bank, compartment)
    WHERE state IN ('pending', 'opened');

CREATE TABLE compartment (
    bank           TEXT    NOT NULL,
    number         INTEGER NOT NULL,
    door           TEXT    NOT NULL CHECK (door IN ('closed', 'open')),  -- the last known
    occupied       INTEGER CHECK (occupied IN (0, 1)),
    out_of_service TEXT,  -- why nothing is put into it; NULL: it is in service
    PRIMARY KEY (bank, number)
) STRICT, WITHOUT ROWID;
