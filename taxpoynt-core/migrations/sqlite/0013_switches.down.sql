DROP INDEX jobs_by_lane;
ALTER TABLE jobs DROP COLUMN received_at;
DROP TABLE switch_log;
DROP TABLE switches;
