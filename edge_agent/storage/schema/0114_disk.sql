-- older releases: can read and write
-- What the hub was told last of the disk: the state that a restart must not forget.

CREATE TABLE disk_told (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    state TEXT    NOT NULL  -- cloud_bridge.wire.facts.storage.DiskState
) STRICT;
