-- Where a store cannot see, by its own facts: receivers that are blind, zones that are unknown. An
-- agent that starts anew says again what still is: rows of other starts than the present count not.

ALTER TABLE store ADD COLUMN boot TEXT NOT NULL DEFAULT '';  -- the leader's, as of its last hello

CREATE TABLE unseen (
    store TEXT NOT NULL REFERENCES store,
    kind  TEXT NOT NULL CHECK (kind IN ('receiver', 'zone')),
    id    TEXT NOT NULL,
    boot  TEXT NOT NULL,
    PRIMARY KEY (store, kind, id)
) STRICT, WITHOUT ROWID;
