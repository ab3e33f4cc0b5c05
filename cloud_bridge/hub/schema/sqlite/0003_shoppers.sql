-- Who joined in the retailer's app, by store: the stream `shoppers`; and which key is whose, so that
-- a person who leaves in the store is dropped here too.

CREATE TABLE shopper (
    store   TEXT NOT NULL REFERENCES store,
    shopper TEXT NOT NULL,  -- the pseudonym
    entry   TEXT NOT NULL,  -- its key in the stream: random, named once more when they leave
    PRIMARY KEY (store, shopper)
) STRICT, WITHOUT ROWID;

CREATE TABLE shopper_key (
    store   TEXT NOT NULL REFERENCES store,
    key     TEXT NOT NULL,
    shopper TEXT NOT NULL,
    PRIMARY KEY (store, key)
) STRICT, WITHOUT ROWID;
