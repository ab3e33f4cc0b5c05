-- HTTP answers by Idempotency-Key, kept in the transaction of their effect.

CREATE TABLE answer (
    key         TEXT    PRIMARY KEY,
    body_hash   TEXT    NOT NULL,
    status      INTEGER NOT NULL,
    body        BLOB    NOT NULL,
    answered_at INTEGER NOT NULL  -- microseconds since 1970, UTC
) STRICT, WITHOUT ROWID;

CREATE INDEX answer_by_age ON answer (answered_at);
