DROP TABLE unclassified;
DROP TABLE unclassified_items;
DROP TABLE catalogue_entries;
DROP TABLE catalogues;
DROP TABLE code_lists;
