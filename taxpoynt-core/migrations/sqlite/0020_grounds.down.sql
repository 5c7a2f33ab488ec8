-- A row a document again. Which template described its platform, and which engine drafted it, is lost.
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

INSERT INTO document_grounds (document, body_hash, settings, built_in_rules, platform_rules, tenant_rules,
    connection_rules, lookup_tables, drafted_at)
SELECT d.id, d.drafted_from, g.settings, g.built_in_rules, g.platform_rules, g.tenant_rules, g.connection_rules,
    g.lookup_tables, d.updated_at
FROM documents d JOIN grounds g ON g.seq = d.grounds ORDER BY d.seq;

CREATE TRIGGER document_grounds_stay BEFORE UPDATE ON document_grounds
BEGIN
    SELECT RAISE(ABORT, 'what documents were drafted under is never edited');
END;
CREATE TRIGGER document_grounds_are_kept BEFORE DELETE ON document_grounds
BEGIN
    SELECT RAISE(ABORT, 'what documents were drafted under is kept for as long as they are');
END;

DROP TRIGGER documents_grounds_stay;
DROP TRIGGER grounds_stay;
DROP TRIGGER grounds_are_kept;
ALTER TABLE documents DROP COLUMN grounds;
ALTER TABLE documents DROP COLUMN drafted_from;
DROP TABLE grounds;
