-- The ledger, version 3: counts, so that no question about the pool need read all of it. Released text is never edited.
-- `arrival`: numbers by the time they came. `cohort`: canaries of a planting by the date in their row ('' for none) and the
-- time their number came; `seconds` are second numbers of a row, which have no date here.
CREATE TABLE arrival (
  at INTEGER PRIMARY KEY,
  numbers INTEGER NOT NULL
) STRICT;
CREATE TABLE cohort (
  planting INTEGER NOT NULL REFERENCES planting (id),
  dated TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  canaries INTEGER NOT NULL,
  seconds INTEGER NOT NULL,
  PRIMARY KEY (planting, dated, added_at)
) STRICT, WITHOUT ROWID;
