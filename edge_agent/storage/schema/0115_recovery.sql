-- older releases: can read and write
-- What was lost when this database was made of a damaged one; a row until the fact that says so is
-- recorded.

CREATE TABLE recovery (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    report BLOB    NOT NULL  -- JSON of cloud_bridge.wire.facts.storage.DatabaseRecovered
) STRICT;
