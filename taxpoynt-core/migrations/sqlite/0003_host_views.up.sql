-- The names a host plans with. No credentials, and no settings: a webhook URL can hold a secret path.
CREATE VIEW crm_connections AS
SELECT id, tenant AS tenant_id, platform, account AS account_id, account_name, state, created_at, updated_at
FROM connections WHERE family = 'crm';

CREATE VIEW pos_connections AS
SELECT id, tenant AS tenant_id, platform, account AS account_id, account_name, state, created_at, updated_at
FROM connections WHERE family = 'pos';

CREATE VIEW crm_deals AS
SELECT r.id, r.tenant AS tenant_id, r.connection AS connection_id, r.platform, r.account AS account_id,
    r.external_id AS deal_id, r.modified_at, r.held_code, r.held_message, r.first_seen, r.last_seen,
    v.body AS record, d.id AS invoice_id, d.number AS invoice_number, d.irn AS invoice_irn,
    d.state AS invoice_state
FROM records r
JOIN record_versions v ON v.record = r.id AND v.body_hash = r.body_hash
LEFT JOIN documents d ON d.record = r.id AND d.purpose = 'invoice'
WHERE r.kind = 'deal';

CREATE VIEW pos_transactions AS
SELECT r.id, r.tenant AS tenant_id, r.connection AS connection_id, r.platform, r.account AS account_id,
    r.external_id AS transaction_id, r.modified_at, r.held_code, r.held_message, r.first_seen, r.last_seen,
    v.body AS record, d.id AS invoice_id, d.number AS invoice_number, d.irn AS invoice_irn,
    d.state AS invoice_state
FROM records r
JOIN record_versions v ON v.record = r.id AND v.body_hash = r.body_hash
LEFT JOIN documents d ON d.record = r.id AND d.purpose = 'invoice'
WHERE r.kind = 'order';

CREATE VIEW sync_logs AS
SELECT s.seq AS id, c.tenant AS tenant_id, s.connection AS connection_id, c.platform, s.started_at,
    s.finished_at, s.seen, s.new, s.changed, s.unchanged, s.failed, s.error
FROM sync_log s JOIN connections c ON c.id = s.connection;
