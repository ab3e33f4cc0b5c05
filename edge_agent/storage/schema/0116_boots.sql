-- older releases: can read and write
-- Processes that have written this database, and the machine's boot in which they ran: within one
-- their monotonic clocks are the same.

CREATE TABLE boot (
    began   INTEGER PRIMARY KEY,  -- in the order of their starts
    boot    TEXT NOT NULL,        -- as in fact.boot
    machine TEXT NOT NULL         -- the kernel's boot id; empty where it says none
) STRICT;
