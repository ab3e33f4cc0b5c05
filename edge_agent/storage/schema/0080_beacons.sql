-- The store's own beacons. Times are microseconds since 1970, UTC.

CREATE TABLE own_beacon (
    id          TEXT PRIMARY KEY,
    key_tag     TEXT NOT NULL,    -- of the key that `counter` belongs to; empty without one
    counter     INTEGER,          -- the last believed of an encrypted sensor
    counted_at  INTEGER,
    wrapped     INTEGER NOT NULL CHECK (wrapped IN (0, 1)), -- the counter went round
    battery_low INTEGER NOT NULL CHECK (battery_low IN (0, 1)),
    CHECK ((counter IS NULL) = (counted_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE reference_level (
    beacon   TEXT NOT NULL,
    receiver TEXT NOT NULL,
    level    REAL NOT NULL,  -- dBm, as it usually is
    weight   REAL NOT NULL,  -- seconds that it was learned for
    PRIMARY KEY (beacon, receiver)
) STRICT, WITHOUT ROWID;
