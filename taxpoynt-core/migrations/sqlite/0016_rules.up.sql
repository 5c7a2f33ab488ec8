-- Mapping rules of tenants and connections. A text is kept under its SHA-256 and never edited; what is in force is the
-- newest row of a tenant (connection NULL) and of each of its connections. text_hash NULL: from then on none.
CREATE TABLE rule_texts (
    hash TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_versions (
    seq        INTEGER NOT NULL PRIMARY KEY,
    tenant     TEXT    NOT NULL REFERENCES tenants (id),
    connection TEXT    REFERENCES connections (id),
    text_hash  TEXT    REFERENCES rule_texts (hash),
    reason     TEXT,
    set_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX rule_versions_by_layer ON rule_versions (tenant, connection, seq);

CREATE TRIGGER rule_texts_stay BEFORE UPDATE ON rule_texts
BEGIN
    SELECT RAISE(ABORT, 'a rule text is never edited: set another one');
END;
CREATE TRIGGER rule_texts_are_kept BEFORE DELETE ON rule_texts
BEGIN
    SELECT RAISE(ABORT, 'a rule text is kept for as long as documents that were made with it');
END;
CREATE TRIGGER rule_versions_stay BEFORE UPDATE ON rule_versions
BEGIN
    SELECT RAISE(ABORT, 'what was in force is never edited: set other rules');
END;
CREATE TRIGGER rule_versions_are_kept BEFORE DELETE ON rule_versions
BEGIN
    SELECT RAISE(ABORT, 'what was in force is kept');
END;
