-- Takes 0018 back with all that it holds.
DROP TABLE lookup_versions;
DROP TABLE lookup_texts;
