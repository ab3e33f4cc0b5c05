-- older releases: can read and write
-- What became of a campaign in each store, beside what it came to before: campaign.offered and
-- campaign.redeemed stay as the base, and a release that does not know the tallies goes on counting
-- there. It shows its own count alone; the sum of both is never wrong. A row has one writer, who
-- has the store: batches of different stores do not wait for each other.

CREATE TABLE campaign_tally (
    campaign TEXT    NOT NULL REFERENCES campaign,
    store    TEXT    NOT NULL REFERENCES store,
    offered  INTEGER NOT NULL DEFAULT 0,
    redeemed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign, store)
) STRICT, WITHOUT ROWID;
