-- The ledger, version 2: signing keys, signed checkpoints, receipts of holders, time stamps. Released text is never edited.
CREATE TABLE log_key (
  id INTEGER PRIMARY KEY,
  public TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL
) STRICT;
CREATE TABLE seal (
  size INTEGER PRIMARY KEY,
  root TEXT NOT NULL,
  note TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE TABLE receipt (
  id INTEGER PRIMARY KEY,
  planting INTEGER NOT NULL REFERENCES planting (id),
  how TEXT NOT NULL,
  statement TEXT NOT NULL,
  signature TEXT NOT NULL,
  key TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX receipt_by_planting ON receipt (planting);
CREATE TABLE stamp (
  id INTEGER PRIMARY KEY,
  size INTEGER NOT NULL REFERENCES seal (size),
  token TEXT NOT NULL,
  authority TEXT NOT NULL,
  stamped_at INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
