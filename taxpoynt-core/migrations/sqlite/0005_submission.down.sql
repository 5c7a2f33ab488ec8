DROP INDEX documents_by_code;
ALTER TABLE documents DROP COLUMN code;
