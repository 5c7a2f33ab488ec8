-- What classifies the lines of a tenant, which items wait for it, and the authority's code lists as last read.

-- Each deployment of the authority has lists of its own. `codes` is a JSON array of {code, name, state}.
CREATE TABLE code_lists (
    deployment   TEXT    NOT NULL,
    list         TEXT    NOT NULL,
    codes        TEXT    NOT NULL,
    refreshed_at INTEGER NOT NULL,
    PRIMARY KEY (deployment, list)
) STRICT, WITHOUT ROWID;

-- revision rises with each change of a tenant's catalogue; released: up to which revision the sales that waited were
-- looked at.
CREATE TABLE catalogues (
    tenant     TEXT    NOT NULL PRIMARY KEY REFERENCES tenants (id),
    revision   INTEGER NOT NULL CHECK (revision >= 1),
    released   INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One entry a key: platform, what it is found by, and its value as it is compared.
CREATE TABLE catalogue_entries (
    tenant     TEXT    NOT NULL REFERENCES tenants (id),
    key        TEXT    NOT NULL,
    entry      TEXT    NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, key)
) STRICT, WITHOUT ROWID;

-- Items that nothing classifies, as first seen. `item` is what an entry may find them by; spellings of one item share
-- their key. One that no sale waits for any more is deleted.
CREATE TABLE unclassified_items (
    id         INTEGER NOT NULL PRIMARY KEY,
    tenant     TEXT    NOT NULL REFERENCES tenants (id),
    key        TEXT    NOT NULL,
    item       TEXT    NOT NULL,
    first_seen INTEGER NOT NULL,
    UNIQUE (tenant, key, item)
) STRICT;

-- Which sale (`records.seq`) waits for which item, and for how much of it: `amount` in ten-thousandths of the currency's
-- unit.
CREATE TABLE unclassified (
    item     INTEGER NOT NULL REFERENCES unclassified_items (id),
    currency TEXT    NOT NULL,
    record   INTEGER NOT NULL REFERENCES records (seq),
    amount   INTEGER NOT NULL,
    PRIMARY KEY (item, currency, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX unclassified_by_record ON unclassified (record);
