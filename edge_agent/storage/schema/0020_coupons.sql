-- The store's copy of the stream `coupons`, and the coupons issued here. Times are microseconds
-- since 1970, UTC.

CREATE TABLE campaign (
    id      TEXT PRIMARY KEY,
    item    BLOB NOT NULL,  -- JSON as it came down, fields that this version does not know included
    problem TEXT            -- why this version cannot offer it; NULL: it can
) STRICT, WITHOUT ROWID;

CREATE TABLE coupon (
    code        TEXT    PRIMARY KEY,
    campaign    TEXT    NOT NULL,
    shopper     TEXT    NOT NULL,
    zone        TEXT    NOT NULL,
    terms       BLOB    NOT NULL,  -- the campaign as it was when offered: what was promised holds
    state       TEXT    NOT NULL CHECK (state IN ('offered', 'redeemed', 'expired')),
    offered_at  INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    redeemed_at INTEGER,
    till        TEXT,
    receipt     TEXT
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX coupon_open ON coupon (campaign, shopper) WHERE state = 'offered';
CREATE INDEX coupon_by_shopper ON coupon (shopper, offered_at);
CREATE INDEX coupon_by_age ON coupon (offered_at);
