DROP VIEW sync_logs;
DROP VIEW pos_transactions;
DROP VIEW crm_deals;
DROP VIEW pos_connections;
DROP VIEW crm_connections;
