-- older releases: can read and write
-- As SQLite's, where it is explained.

CREATE TABLE campaign_tally (
    campaign TEXT COLLATE "C" NOT NULL REFERENCES campaign,
    store TEXT COLLATE "C" NOT NULL REFERENCES store,
    offered BIGINT NOT NULL DEFAULT 0,
    redeemed BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign, store)
);
