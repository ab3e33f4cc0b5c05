-- Three purposes with their retention, several beacons to a shopper, pauses, stays by the hour for
-- the access record. Times are microseconds since 1970, UTC.

CREATE TABLE person (
    id          TEXT    PRIMARY KEY,  -- the pseudonym: random, says nothing about the person
    person_key  TEXT    NOT NULL,     -- id of the key that seals their facts; '': none was made yet
    language    TEXT    NOT NULL,
    origin      TEXT    NOT NULL CHECK (origin IN ('desk', 'page', 'cloud')),
    enrolled_at INTEGER NOT NULL,
    paused_at   INTEGER,              -- since when; NULL: not paused
    entry       TEXT UNIQUE           -- in the cloud's stream of shoppers; NULL: joined here
) STRICT, WITHOUT ROWID;

INSERT INTO person SELECT id, '', language, 'desk', enrolled_at, NULL, NULL FROM shopper;

CREATE TABLE shopper_beacon (
    identity          TEXT    PRIMARY KEY,  -- as sightings name it
    shopper           TEXT    NOT NULL REFERENCES person (id),
    eid_key           BLOB,                 -- 16 bytes: Eddystone-EID identity key
    rotation_exponent INTEGER NOT NULL,
    clock_offset_s    REAL    NOT NULL,     -- its clock less UTC seconds since 1970, as it was read
    clock_read_at_s   REAL,                 -- when, in UTC seconds since 1970
    irk               BLOB                  -- 16 bytes: identity resolving key
) STRICT, WITHOUT ROWID;

CREATE INDEX shopper_beacon_of ON shopper_beacon (shopper);

INSERT INTO shopper_beacon SELECT beacon, id, NULL, 10, 0, NULL, NULL FROM shopper;

CREATE TABLE agreement (
    id           INTEGER PRIMARY KEY,
    shopper      TEXT    NOT NULL REFERENCES person (id),
    purpose      TEXT    NOT NULL
                 CHECK (purpose IN ('location', 'advertising', 'night_advertising')),
    text_version TEXT    NOT NULL,
    language     TEXT    NOT NULL,
    given_at     INTEGER NOT NULL,
    until        INTEGER NOT NULL,  -- the end of its retention
    evidence     TEXT    NOT NULL,  -- the retailer's reference, of one that was given in its app
    ended_at     INTEGER,
    ended_by     TEXT CHECK (ended_by IN ('withdrawn', 'lapsed', 'renewed')),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT;

-- Two years: what the settings give by default, and what was said to nobody before this step.
INSERT INTO agreement
    SELECT id, shopper, purpose, text_version, language, given_at,
           given_at + 730 * 86400000000, '', withdrawn_at,
           CASE WHEN withdrawn_at IS NULL THEN NULL ELSE 'withdrawn' END
    FROM consent;

DROP TABLE consent;
DROP TABLE shopper;
ALTER TABLE person RENAME TO shopper;
ALTER TABLE agreement RENAME TO consent;

CREATE UNIQUE INDEX consent_in_force ON consent (shopper, purpose) WHERE ended_at IS NULL;
CREATE INDEX consent_by_end ON consent (until) WHERE ended_at IS NULL;
CREATE INDEX consent_of_shopper ON consent (shopper);

-- How often a shopper entered the store (zone '') or a zone within an hour: what a person may ask
-- to see of where they were, without coordinates.
CREATE TABLE shopper_stay (
    shopper TEXT    NOT NULL REFERENCES shopper (id),
    hour    INTEGER NOT NULL,  -- its beginning
    zone    TEXT    NOT NULL,
    entered INTEGER NOT NULL,
    PRIMARY KEY (shopper, hour, zone)
) STRICT, WITHOUT ROWID;

CREATE INDEX shopper_stay_by_hour ON shopper_stay (hour);

-- Who left while the cloud's stream still names them: it must not bring them back. An entry's id is
-- random and not the pseudonym; the row goes as soon as the stream has dropped the entry.
CREATE TABLE shopper_departed (
    entry TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- An order of somebody who left keeps its collector until it is handed over, and not a day longer.
ALTER TABLE pickup_order ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0 CHECK (forgotten IN (0, 1));

-- A code that invites somebody who has no pseudonym yet; codes live for minutes, none is kept over.
DROP TABLE join_code;
CREATE TABLE join_code (
    code_hash  BLOB    PRIMARY KEY,
    role       TEXT    NOT NULL CHECK (role IN ('shopper', 'device', 'guest')),
    subject    TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
