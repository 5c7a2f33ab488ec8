-- Takes 0019 back with all that it holds.
DROP TABLE approvals;
