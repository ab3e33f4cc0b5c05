-- older releases: can read and write
-- What a lane gave up so that the store's disk is not filled (docs/concepts/fact-log.md, "Limits").

ALTER TABLE fact ADD COLUMN covers INTEGER;  -- first sequence that it stands for; NULL: itself

ALTER TABLE lane ADD COLUMN handed    INTEGER NOT NULL DEFAULT 0;  -- may be at the hub up to here
ALTER TABLE lane ADD COLUMN rolled_up INTEGER NOT NULL DEFAULT 0;  -- facts that are sums now, ever
ALTER TABLE lane ADD COLUMN dropped   INTEGER NOT NULL DEFAULT 0;  -- facts of which only a count is
                                                                  -- left, ever
