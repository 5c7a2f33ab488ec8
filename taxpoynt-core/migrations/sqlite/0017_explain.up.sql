-- What documents were drafted under, so that they can be explained however much later. Settings (a tenant as JSON without
-- credentials) and the rules that are part of the engine are kept under their SHA-256 and never edited; a tenant's own rule
-- files are in rule_texts. Of several rows of one document (it was corrected) the newest counts.
CREATE TABLE ground_texts (
    hash TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE document_grounds (
    seq              INTEGER NOT NULL PRIMARY KEY,
    document         TEXT    NOT NULL REFERENCES documents (id),
    body_hash        TEXT    NOT NULL,
    settings         TEXT    NOT NULL REFERENCES ground_texts (hash),
    built_in_rules   TEXT    NOT NULL REFERENCES ground_texts (hash),
    platform_rules   TEXT    NOT NULL REFERENCES ground_texts (hash),
    tenant_rules     TEXT    REFERENCES rule_texts (hash),
    connection_rules TEXT    REFERENCES rule_texts (hash),
    lookup_tables    TEXT    NOT NULL DEFAULT '{}', -- JSON: the hash of each table in force, by its name (lookup_texts)
    drafted_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX document_grounds_by_document ON document_grounds (document, seq);

-- Refusals with the fields they name: a JSON array of {id, severity, path, message}.
CREATE TABLE document_refusals (
    seq      INTEGER NOT NULL PRIMARY KEY,
    document TEXT    NOT NULL REFERENCES documents (id),
    faults   TEXT    NOT NULL,
    at       INTEGER NOT NULL
) STRICT;
CREATE INDEX document_refusals_by_document ON document_refusals (document, seq);

CREATE TRIGGER ground_texts_stay BEFORE UPDATE ON ground_texts
BEGIN
    SELECT RAISE(ABORT, 'what documents were drafted under is never edited');
END;
CREATE TRIGGER ground_texts_are_kept BEFORE DELETE ON ground_texts
BEGIN
    SELECT RAISE(ABORT, 'what documents were drafted under is kept for as long as they are');
END;
CREATE TRIGGER document_grounds_stay BEFORE UPDATE ON document_grounds
BEGIN
    SELECT RAISE(ABORT, 'what documents were drafted under is never edited');
END;
CREATE TRIGGER document_grounds_are_kept BEFORE DELETE ON document_grounds
BEGIN
    SELECT RAISE(ABORT, 'what documents were drafted under is kept for as long as they are');
END;
