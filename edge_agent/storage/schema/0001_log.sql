-- The fact log (docs/concepts/fact-log.md). Counters stand here, in one row for the log and one
-- for each lane, because COUNT(*) over a week's backlog takes a tenth of a second.

CREATE TABLE log (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    gateway     TEXT    NOT NULL,  -- whose log this is; another gateway may not open it
    epoch       INTEGER NOT NULL,  -- granted by the hub, 0 until the first grant
    position    INTEGER NOT NULL,  -- of the newest fact, over all lanes
    dispatched  INTEGER NOT NULL,  -- position up to which the dispatcher has come
    CHECK (dispatched <= position)
) STRICT;

CREATE TABLE lane (
    lane          TEXT    PRIMARY KEY,
    next_sequence INTEGER NOT NULL,  -- what the next fact gets, within the log's epoch
    cursor        INTEGER NOT NULL,  -- highest sequence known to be in the hub's database
    hash          TEXT    NOT NULL,  -- chain hash of the newest fact of the epoch
    recorded      INTEGER NOT NULL,  -- facts since this database was made
    acknowledged  INTEGER NOT NULL,  -- of these, in the hub's database
    waiting_bytes INTEGER NOT NULL,  -- of the facts above the cursor
    CHECK (cursor < next_sequence)
) STRICT, WITHOUT ROWID;

INSERT INTO lane VALUES
    ('pickup', 1, 0, '', 0, 0, 0), ('coupon', 1, 0, '', 0, 0, 0), ('stock', 1, 0, '', 0, 0, 0),
    ('record', 1, 0, '', 0, 0, 0), ('mirror', 1, 0, '', 0, 0, 0), ('presence', 1, 0, '', 0, 0, 0),
    ('telemetry', 1, 0, '', 0, 0, 0);

CREATE TABLE fact (
    position      INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL,
    type          TEXT    NOT NULL,
    lane          TEXT    NOT NULL,
    epoch         INTEGER NOT NULL,
    sequence      INTEGER NOT NULL,
    subject       TEXT    NOT NULL,
    time          INTEGER NOT NULL,  -- microseconds since 1970, UTC
    boot          TEXT    NOT NULL,
    monotonic     REAL    NOT NULL,  -- seconds, comparable within boot
    clock_quality TEXT    NOT NULL,
    data          BLOB    NOT NULL   -- JSON
) STRICT;

CREATE UNIQUE INDEX fact_by_lane ON fact (lane, epoch, sequence);
