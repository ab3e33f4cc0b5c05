-- Whether this database is the one that the hub has followed (docs/how-to/backup.md).
-- older releases: can read and write

-- A row: it was restored, and nothing is handed over until the hub has told how the orders stand.
CREATE TABLE restored (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    reason   TEXT    NOT NULL,           -- cloud_bridge.wire.facts.upkeep.RestoredFrom
    numbered INTEGER NOT NULL DEFAULT 0, -- its facts belong to no epoch until the hub grants one
    told     INTEGER NOT NULL DEFAULT 0  -- the fact that says so is recorded
) STRICT;

-- Given anew at each start, here and in the file beside the database: a copy has an older one.
CREATE TABLE life (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id  TEXT    NOT NULL
) STRICT;
