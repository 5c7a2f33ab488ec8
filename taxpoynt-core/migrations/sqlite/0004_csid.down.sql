DROP TRIGGER documents_csid_stays;
ALTER TABLE documents DROP COLUMN csid;
