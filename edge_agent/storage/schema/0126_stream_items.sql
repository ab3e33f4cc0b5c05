-- What is held of each state stream, as hashes of the items as they came down: by key, and by bucket
-- (`cloud_bridge/wire/digests.py`). A release that does not know them leaves them behind; the hub then
-- finds the stream to be unlike its own, and hands out anew what differs.
-- older releases: can read and write

CREATE TABLE stream_item (
    stream TEXT NOT NULL,
    key    TEXT NOT NULL,
    hash   TEXT NOT NULL,  -- hex, without leading zeros
    PRIMARY KEY (stream, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE stream_bucket (
    stream TEXT    NOT NULL,
    bucket INTEGER NOT NULL,
    hash   TEXT    NOT NULL,
    PRIMARY KEY (stream, bucket)
) STRICT, WITHOUT ROWID;
