-- What documents were drafted under, once for all that were drafted under the same: settings, rules and lookup tables
-- change seldom, documents are many. A document keeps the row and the version of its record. Of a document that was
-- corrected the last grounds are kept: what it said before is not kept either.
CREATE TABLE grounds (
    seq              INTEGER NOT NULL PRIMARY KEY,
    settings         TEXT    NOT NULL REFERENCES ground_texts (hash),
    built_in_rules   TEXT    NOT NULL REFERENCES ground_texts (hash),
    platform_rules   TEXT    NOT NULL REFERENCES ground_texts (hash),
    template         TEXT    REFERENCES ground_texts (hash), -- of a platform that is described by one
    tenant_rules     TEXT    REFERENCES rule_texts (hash),
    connection_rules TEXT    REFERENCES rule_texts (hash),
    lookup_tables    TEXT    NOT NULL, -- JSON: the hash of each table in force, by its name (lookup_texts)
    engine           TEXT              -- version of the engine that drafted; NULL: it was not noted yet
) STRICT;
CREATE INDEX grounds_by_settings ON grounds (settings);

ALTER TABLE documents ADD COLUMN grounds INTEGER REFERENCES grounds (seq);
ALTER TABLE documents ADD COLUMN drafted_from TEXT; -- record_versions.body_hash

INSERT INTO grounds (settings, built_in_rules, platform_rules, tenant_rules, connection_rules, lookup_tables)
SELECT DISTINCT settings, built_in_rules, platform_rules, tenant_rules, connection_rules, lookup_tables
FROM document_grounds;

UPDATE documents SET (grounds, drafted_from) = (
    SELECT g.seq, o.body_hash
    FROM document_grounds o
    JOIN grounds g ON g.settings = o.settings AND g.built_in_rules = o.built_in_rules
        AND g.platform_rules = o.platform_rules AND g.tenant_rules IS o.tenant_rules
        AND g.connection_rules IS o.connection_rules AND g.lookup_tables = o.lookup_tables
    WHERE o.document = documents.id ORDER BY o.seq DESC LIMIT 1
)
WHERE id IN (SELECT document FROM document_grounds);

DROP TABLE document_grounds;

-- As what it says: until sign, and where the authority refused it at sign.
CREATE TRIGGER documents_grounds_stay BEFORE UPDATE OF grounds, drafted_from ON documents
WHEN OLD.stage >= 20 AND NOT (OLD.stage = 20 AND OLD.state = 'rejected' AND OLD.code IS 'sign_failed') AND (OLD.grounds IS NOT NEW.grounds OR OLD.drafted_from IS NOT NEW.drafted_from)
BEGIN
    SELECT RAISE(ABORT, 'what a document was drafted under is not edited after sign');
END;
CREATE TRIGGER grounds_stay BEFORE UPDATE ON grounds
BEGIN
    SELECT RAISE(ABORT, 'what documents were drafted under is never edited');
END;
CREATE TRIGGER grounds_are_kept BEFORE DELETE ON grounds
BEGIN
    SELECT RAISE(ABORT, 'what documents were drafted under is kept for as long as they are');
END;
