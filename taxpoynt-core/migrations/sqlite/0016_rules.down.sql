-- Takes 0016 back with all that it holds.
DROP TABLE rule_versions;
DROP TABLE rule_texts;
