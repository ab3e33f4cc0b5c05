-- older releases: can read and write
-- When the leader said its last hello that counted: with last_fact_at, when it was heard last.

ALTER TABLE store ADD COLUMN hello_at TEXT NOT NULL DEFAULT '';
