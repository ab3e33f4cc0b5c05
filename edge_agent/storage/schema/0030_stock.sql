-- The ledger by GTIN, and what orders hold of it. An ended reservation stays, so that the same
-- order can be neither reserved nor collected twice.

CREATE TABLE ledger (
    gtin     TEXT    PRIMARY KEY,
    on_hand  INTEGER NOT NULL CHECK (on_hand >= 0),
    reserved INTEGER NOT NULL CHECK (reserved >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE reservation (
    order_id TEXT    NOT NULL,
    gtin     TEXT    NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    state    TEXT    NOT NULL CHECK (state IN ('held', 'released', 'collected')),
    PRIMARY KEY (order_id, gtin)
) STRICT, WITHOUT ROWID;
