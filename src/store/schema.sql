-- The ledger, version 1. Released text is never edited: a change is a new file.
-- `entry` is the truth; every other table answers questions and can be rebuilt from it.
CREATE TABLE entry (
  idx INTEGER PRIMARY KEY,
  body BLOB NOT NULL,
  openings BLOB NOT NULL
) STRICT;
CREATE TABLE head (
  size INTEGER PRIMARY KEY,
  root BLOB NOT NULL,
  edge BLOB NOT NULL
) STRICT;
CREATE TABLE holder (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  region TEXT,
  parent TEXT REFERENCES holder (id)
) STRICT;
CREATE TABLE flow (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL REFERENCES holder (id),
  target TEXT NOT NULL REFERENCES holder (id),
  share REAL NOT NULL,
  since TEXT,
  until TEXT
) STRICT;
CREATE TABLE line (
  caller TEXT PRIMARY KEY,
  holder TEXT NOT NULL REFERENCES holder (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE number (
  number TEXT PRIMARY KEY,
  provider TEXT,
  kind TEXT,
  since TEXT,
  until TEXT,
  address TEXT,
  note TEXT,
  added_at INTEGER NOT NULL,
  free_from INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE number_mark (
  number TEXT NOT NULL REFERENCES number (number),
  mark TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (number, mark)
) STRICT, WITHOUT ROWID;
CREATE TABLE planting (
  id INTEGER PRIMARY KEY,
  holder TEXT NOT NULL REFERENCES holder (id),
  at INTEGER NOT NULL,
  input_path TEXT,
  input_sha256 TEXT,
  input_rows INTEGER,
  final_path TEXT NOT NULL,
  temp_path TEXT NOT NULL,
  header TEXT NOT NULL
) STRICT;
CREATE INDEX planting_by_holder ON planting (holder);
CREATE TABLE planting_step (
  planting INTEGER NOT NULL REFERENCES planting (id),
  step TEXT NOT NULL,
  at INTEGER NOT NULL,
  sha256 TEXT,
  rows INTEGER,
  undo TEXT,
  PRIMARY KEY (planting, step)
) STRICT, WITHOUT ROWID;
CREATE TABLE canary (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE REFERENCES number (number),
  planting INTEGER NOT NULL REFERENCES planting (id),
  row INTEGER NOT NULL,
  identity INTEGER NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX canary_by_identity ON canary (identity);
CREATE INDEX canary_by_planting ON canary (planting);
CREATE TABLE received (
  id INTEGER PRIMARY KEY,
  canary INTEGER NOT NULL REFERENCES canary (id),
  holder TEXT NOT NULL REFERENCES holder (id),
  planting INTEGER NOT NULL REFERENCES planting (id),
  row INTEGER NOT NULL,
  list_sha256 TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX received_by_canary ON received (canary);
CREATE INDEX received_by_planting ON received (planting);
CREATE TABLE contact (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  number TEXT NOT NULL REFERENCES number (number),
  caller TEXT,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  seconds INTEGER,
  said TEXT,
  source TEXT NOT NULL,
  raw_sha256 TEXT NOT NULL
) STRICT;
CREATE INDEX contact_by_number ON contact (number);
CREATE TABLE stray (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  contacts INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
