-- Takes everything away, the documents too. Children first, because dropping a table obeys its foreign keys.
DROP TABLE watermarks;
DROP TABLE sync_log;
DROP TABLE audit;
DROP TABLE jobs;
DROP TABLE document_stages;
DROP TABLE documents;
DROP TABLE number_series;
DROP TABLE events;
DROP TABLE deliveries;
DROP TABLE record_versions;
DROP TABLE records;
DROP TABLE connections;
DROP TABLE tenants;
