-- What people took back after the backup was made from which this database was restored: done again
-- at the next start.
-- older releases: can read and write

CREATE TABLE withdrawn_since (
    shopper TEXT NOT NULL,  -- the pseudonym
    what    TEXT NOT NULL,  -- a purpose of consent; 'pause'; 'left': everything
    PRIMARY KEY (shopper, what)
) STRICT, WITHOUT ROWID;
