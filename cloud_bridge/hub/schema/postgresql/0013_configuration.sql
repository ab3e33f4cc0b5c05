-- Settings published for stores, and what became of them there.
-- older releases: can read and write

CREATE TABLE configuration (
    store        TEXT NOT NULL REFERENCES store,
    version      BIGINT NOT NULL,
    raw          TEXT NOT NULL,              -- wire.streams.config.SignedSettings
    published_at TEXT NOT NULL,
    state        TEXT NOT NULL DEFAULT 'published'
                 CHECK (state IN ('published', 'tried', 'applied', 'refused', 'rolled_back')),
    detail       TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (store, version)
);
