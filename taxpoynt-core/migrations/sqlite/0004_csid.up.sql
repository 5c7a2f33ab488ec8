-- The cryptographic stamp identifier of a document, where the access point supplies one. Never of our making.
ALTER TABLE documents ADD COLUMN csid TEXT CHECK (csid <> '');

CREATE TRIGGER documents_csid_stays
BEFORE UPDATE OF csid ON documents
WHEN OLD.csid IS NOT NULL AND OLD.csid IS NOT NEW.csid
BEGIN
    SELECT RAISE(ABORT, 'the CSID of a document never changes');
END;
