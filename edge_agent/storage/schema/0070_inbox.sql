-- How far the store has come with what the hub sends down.

CREATE TABLE command_cursor (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    sequence INTEGER NOT NULL  -- of the last command carried out
) STRICT;

INSERT INTO command_cursor VALUES (1, 0);

CREATE TABLE stream_version (
    stream  TEXT    PRIMARY KEY,
    version INTEGER NOT NULL  -- held whole
) STRICT, WITHOUT ROWID;
