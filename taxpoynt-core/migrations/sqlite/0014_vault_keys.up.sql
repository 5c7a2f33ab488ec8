-- One word sealed under each key that values were ever sealed with, so that an engine that starts without a key which
-- stored values need can say so. `sealed` gives nothing away.
CREATE TABLE vault_keys (
    id         INTEGER NOT NULL PRIMARY KEY,
    sealed     TEXT    NOT NULL,
    first_used INTEGER NOT NULL
) STRICT;
