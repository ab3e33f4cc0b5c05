-- older releases: can read and write
-- As SQLite's, where it is explained.

ALTER TABLE store ADD COLUMN hello_at TEXT COLLATE "C" NOT NULL DEFAULT '';
