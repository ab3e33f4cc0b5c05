-- older releases: can read and write
-- A hello that may be older than the leader's last one, and the start that said it: the store was
-- asked for another, and one of that start under another id is believed.

ALTER TABLE store ADD COLUMN asked_boot TEXT NOT NULL DEFAULT '';
ALTER TABLE store ADD COLUMN asked_hello TEXT NOT NULL DEFAULT '';
