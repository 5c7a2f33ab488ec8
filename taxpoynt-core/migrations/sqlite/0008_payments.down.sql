DELETE FROM jobs WHERE kind NOT IN ('fetch', 'prepare', 'submit');
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'CHECK (kind <> '''')', 'CHECK (kind IN (''fetch'', ''prepare'', ''submit''))')
WHERE type = 'table' AND name = 'jobs';
PRAGMA writable_schema = RESET;
DROP INDEX documents_notes;
DROP TABLE transmissions;
DROP TABLE authority_notices;
DROP TABLE payments;
