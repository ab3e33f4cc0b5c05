-- What each mirror shows now. Who stands before it is not known and not kept. Times are
-- microseconds since 1970, UTC.

CREATE TABLE mirror (
    id            TEXT PRIMARY KEY,
    session       TEXT,          -- while goods are before it
    items         BLOB NOT NULL, -- JSON: GTINs in the order in which they came
    shown         BLOB NOT NULL, -- JSON: GTINs shown in this session, those taken away included
    offer         TEXT,          -- the coupon's code
    offer_until   INTEGER,
    CHECK ((offer IS NULL) = (offer_until IS NULL))
) STRICT, WITHOUT ROWID;
