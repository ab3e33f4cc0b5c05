-- older releases: can read and write
-- Per bucket of a store's stream the hash of its items (`cloud_bridge/wire/digests.py`), in hex; an
-- empty bucket has 0, or no row. Bucket -1 says of which version of the stream the others are, in
-- decimals: a release that does not know them leaves them behind, and they are made anew.

CREATE TABLE stream_bucket (
    store  TEXT    NOT NULL REFERENCES store,
    stream TEXT    NOT NULL,
    bucket INTEGER NOT NULL,
    hash   TEXT    NOT NULL,
    PRIMARY KEY (store, stream, bucket)
) STRICT, WITHOUT ROWID;
