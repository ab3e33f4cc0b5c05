-- The key of each person who has joined: what facts say about them is sealed with it and goes with
-- it (docs/reference/contract.md, "Sealed fields").

CREATE TABLE person_key (
    id        TEXT    PRIMARY KEY,        -- random; stands in facts, also when the key is gone
    pseudonym TEXT    NOT NULL UNIQUE,
    key       BLOB    NOT NULL,
    told      INTEGER NOT NULL DEFAULT 0  -- the epoch under which the hub has taken it; 0 for none
) STRICT, WITHOUT ROWID;

CREATE INDEX person_key_by_told ON person_key (told);

-- Facts about people without a key, which were not recorded, since the database was made.
CREATE TABLE withheld (
    type  TEXT    PRIMARY KEY,
    facts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Skipped, being about a person whose key is gone.
ALTER TABLE flow ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
