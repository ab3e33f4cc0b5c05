-- Gateways by name, which is their certificate's common name: one hub, one name, one store.
-- older releases: can read and write

CREATE TABLE gateway (
    gateway     TEXT PRIMARY KEY,
    store       TEXT NOT NULL REFERENCES store,
    token_hash  TEXT UNIQUE,  -- SHA-256 of its newest claim's token; the token itself is nowhere
    claim_until TEXT,
    spent_by    TEXT,         -- hash of the keys that spent the claim: they may ask again
    revoked_at  TEXT,         -- until another claim of it is spent
    reason      TEXT
) STRICT, WITHOUT ROWID;

-- Every certificate that counts or may be in the list of the revoked.
CREATE TABLE gateway_certificate (
    serial     TEXT PRIMARY KEY,  -- hex
    gateway    TEXT NOT NULL REFERENCES gateway,
    kind       TEXT NOT NULL CHECK (kind IN ('gateway', 'bootstrap')),
    key_hash   TEXT NOT NULL,     -- SHA-256 of the public key
    issued_at  TEXT NOT NULL,
    until      TEXT NOT NULL,
    revoked_at TEXT,
    pem        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX gateway_certificate_by_gateway ON gateway_certificate (gateway, kind, issued_at);
CREATE INDEX gateway_certificate_by_key ON gateway_certificate (key_hash);
CREATE INDEX gateway_certificate_revoked ON gateway_certificate (until)
    WHERE revoked_at IS NOT NULL;
