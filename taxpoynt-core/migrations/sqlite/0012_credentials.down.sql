DROP INDEX jobs_unauthorized;
DROP TABLE token_refreshes;
ALTER TABLE connections DROP COLUMN generation;
DROP TABLE authorizations;
