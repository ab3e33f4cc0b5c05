-- Keys of the people whom facts are about, as their stores gave them. A fact keeps the form in
-- which it came: it is opened whenever it is looked at, for as long as its key is here.

CREATE TABLE person_key (
    store TEXT NOT NULL REFERENCES store,
    id    TEXT NOT NULL,
    key   BLOB,           -- NULL: the person has left, and the key is not taken again
    PRIMARY KEY (store, id)
) STRICT, WITHOUT ROWID;

-- Facts whose effect needs what is sealed, and came before their key.
CREATE TABLE awaiting_key (
    store TEXT NOT NULL,
    key   TEXT NOT NULL,
    fact  TEXT NOT NULL,
    PRIMARY KEY (store, key, fact),
    FOREIGN KEY (store, fact) REFERENCES fact (store, id)
) STRICT, WITHOUT ROWID;
