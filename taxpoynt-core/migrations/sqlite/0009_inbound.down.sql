DROP TABLE inbound_pulls;
DROP TABLE tenant_jobs;
DROP TABLE inbound;
