-- What the dispatcher could not hand on, and what it has done in all.

CREATE TABLE parked (
    position  INTEGER NOT NULL REFERENCES fact (position),
    flow      TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    parked_at INTEGER NOT NULL,  -- microseconds since 1970, UTC
    PRIMARY KEY (position, flow)
) STRICT, WITHOUT ROWID;

CREATE TABLE flow (
    flow   TEXT    PRIMARY KEY,
    done   INTEGER NOT NULL DEFAULT 0,
    stale  INTEGER NOT NULL DEFAULT 0,  -- skipped, being too old to still matter
    parked INTEGER NOT NULL DEFAULT 0   -- ever; what is parked now stands in parked
) STRICT, WITHOUT ROWID;
