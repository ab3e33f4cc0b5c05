-- Settings from the cloud, as they came down, until they are judged; and what was told of them.
-- older releases: can read and write

CREATE TABLE settings_offer (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    item   BLOB    NOT NULL,           -- cloud_bridge.wire.streams.config.SignedSettings
    judged INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE settings_told (
    version INTEGER NOT NULL,
    outcome TEXT    NOT NULL CHECK (outcome IN ('applied', 'rolled_back')),
    PRIMARY KEY (version, outcome)
) STRICT, WITHOUT ROWID;
