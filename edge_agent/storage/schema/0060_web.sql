-- Who is signed in, and the one-time codes by which phones and screens join.
-- Tokens and codes are kept only as their SHA-256; times are Unix microseconds.

CREATE TABLE session (
  token_hash BLOB PRIMARY KEY,
  roles TEXT NOT NULL,          -- JSON array
  subject TEXT NOT NULL,        -- who: a shopper's pseudonym, a screen's id, or the role itself
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE join_code (
  code_hash BLOB PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('shopper', 'device')),
  subject TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
