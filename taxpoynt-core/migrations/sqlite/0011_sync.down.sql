-- Takes 0011 back with all that it holds.
DROP TABLE reconciliations;
DROP TABLE record_counts;
DROP TABLE record_deletions;
DROP TABLE sync_plans;
DROP TABLE sync_runs;
