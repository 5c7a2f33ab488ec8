-- Takes 0017 back with all that it holds.
DROP TABLE document_refusals;
DROP TABLE document_grounds;
DROP TABLE ground_texts;
