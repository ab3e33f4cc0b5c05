-- older releases: can read and write
-- As SQLite's, where each line is explained.

ALTER TABLE store ADD COLUMN asked_boot TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE store ADD COLUMN asked_hello TEXT COLLATE "C" NOT NULL DEFAULT '';
