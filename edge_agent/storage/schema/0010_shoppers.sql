-- Shoppers by pseudonym, and each consent with the words that were agreed to. A withdrawn consent
-- stays as the record of its use (who, when, to what): it names no place. Times are microseconds
-- since 1970, UTC.

CREATE TABLE shopper (
    id           TEXT    PRIMARY KEY,  -- the pseudonym: random, says nothing about the person
    beacon       TEXT    NOT NULL UNIQUE,
    language     TEXT    NOT NULL,
    text_version TEXT    NOT NULL,     -- of the consent texts that the shopper was last shown
    enrolled_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE consent (
    id           INTEGER PRIMARY KEY,
    shopper      TEXT    NOT NULL REFERENCES shopper (id),
    purpose      TEXT    NOT NULL CHECK (purpose IN ('location', 'advertising')),
    text_version TEXT    NOT NULL,
    language     TEXT    NOT NULL,
    given_at     INTEGER NOT NULL,
    withdrawn_at INTEGER
) STRICT;

CREATE UNIQUE INDEX consent_in_force ON consent (shopper, purpose) WHERE withdrawn_at IS NULL;
