-- What a locked ledger has besides: keyed hashes of what is in use, so that none is given twice. Released text is never edited.
CREATE TABLE used (
  tag BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
