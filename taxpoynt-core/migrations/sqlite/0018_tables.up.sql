-- Lookup tables of tenants, as rules use them. A file is kept under its SHA-256 and never edited; what is in force is the
-- newest row of a tenant and name. text_hash NULL: from then on there is no such table.
CREATE TABLE lookup_texts (
    hash TEXT    NOT NULL PRIMARY KEY,
    csv  TEXT    NOT NULL
) STRICT;

CREATE TABLE lookup_versions (
    seq       INTEGER NOT NULL PRIMARY KEY,
    tenant    TEXT    NOT NULL REFERENCES tenants (id),
    name      TEXT    NOT NULL,
    text_hash TEXT    REFERENCES lookup_texts (hash),
    reason    TEXT,
    set_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX lookup_versions_by_name ON lookup_versions (tenant, name, seq);

CREATE TRIGGER lookup_texts_stay BEFORE UPDATE ON lookup_texts
BEGIN
    SELECT RAISE(ABORT, 'a lookup table is never edited: set another one');
END;
CREATE TRIGGER lookup_texts_are_kept BEFORE DELETE ON lookup_texts
BEGIN
    SELECT RAISE(ABORT, 'a lookup table is kept for as long as documents that were made with it');
END;
CREATE TRIGGER lookup_versions_stay BEFORE UPDATE ON lookup_versions
BEGIN
    SELECT RAISE(ABORT, 'what was in force is never edited: set another table');
END;
CREATE TRIGGER lookup_versions_are_kept BEFORE DELETE ON lookup_versions
BEGIN
    SELECT RAISE(ABORT, 'what was in force is kept');
END;
