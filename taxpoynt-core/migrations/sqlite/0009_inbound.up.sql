-- Documents that others sent to a tenant, and the jobs that belong to a tenant and to no connection.

-- state: announced (an IRN is known), downloaded (what came is stored), checked (read and checked; waits for its
-- acknowledgement or for a person), acknowledged; held (a person must look), unreadable, refused (the authority will not
-- have it, or it is not the tenant's). code and message say why.
-- raw: what came, sealed as it came. json, ubl, pdf: what was in it. findings: JSON.
CREATE TABLE inbound (
    seq             INTEGER NOT NULL PRIMARY KEY,
    id              TEXT    NOT NULL UNIQUE,
    tenant          TEXT    NOT NULL REFERENCES tenants (id),
    irn             TEXT    NOT NULL CHECK (irn <> ''),
    origin          TEXT    NOT NULL CHECK (origin IN ('pull', 'webhook', 'host')),
    state           TEXT    NOT NULL CHECK (state IN
        ('announced', 'downloaded', 'checked', 'acknowledged', 'held', 'unreadable', 'refused')),
    code            TEXT,
    message         TEXT,
    supplier_name   TEXT,
    supplier_tin    TEXT,
    number          TEXT,
    issue_date      TEXT,
    document_type   TEXT    CHECK (document_type IN ('invoice', 'credit_note', 'debit_note')),
    currency        TEXT,
    payable_amount  TEXT,
    raw             BLOB,
    json            TEXT,
    ubl             BLOB,
    pdf             BLOB,
    findings        TEXT    NOT NULL DEFAULT '[]',
    faulty          INTEGER NOT NULL DEFAULT 0 CHECK (faulty IN (0, 1)),
    announced_at    INTEGER NOT NULL,
    downloaded_at   INTEGER,
    checked_at      INTEGER,
    acknowledged_at INTEGER,
    updated_at      INTEGER NOT NULL,
    UNIQUE (tenant, irn),
    CHECK (state <> 'downloaded' OR raw IS NOT NULL),
    CHECK ((state = 'acknowledged') = (acknowledged_at IS NOT NULL)),
    CHECK (state NOT IN ('held', 'unreadable', 'refused') OR (code IS NOT NULL AND message IS NOT NULL))
) STRICT;
CREATE INDEX inbound_by_state ON inbound (tenant, state, seq);

CREATE TRIGGER inbound_acknowledged_stays
BEFORE UPDATE ON inbound
WHEN OLD.state = 'acknowledged'
BEGIN
    SELECT RAISE(ABORT, 'a received document does not change after its acknowledgement');
END;

CREATE TRIGGER inbound_identity_stays
BEFORE UPDATE OF id, irn, announced_at ON inbound
BEGIN
    SELECT RAISE(ABORT, 'a received document keeps its identity');
END;

CREATE TRIGGER inbound_stays
BEFORE DELETE ON inbound
BEGIN
    SELECT RAISE(ABORT, 'a received document is never deleted');
END;

-- Jobs that no connection has. Which kinds there are is the engine's to say. A finished one is deleted; one given up
-- leaves its subject in a state that says so.
CREATE TABLE tenant_jobs (
    seq         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id          TEXT    NOT NULL UNIQUE,
    kind        TEXT    NOT NULL CHECK (kind <> ''),
    subject     TEXT    NOT NULL,
    tenant      TEXT    NOT NULL REFERENCES tenants (id),
    due_at      INTEGER NOT NULL,
    lease_until INTEGER,
    token       INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0,
    error_kind  TEXT,
    error       TEXT,
    UNIQUE (kind, subject)
) STRICT;
CREATE INDEX tenant_jobs_due ON tenant_jobs (due_at, seq) WHERE lease_until IS NULL;
CREATE INDEX tenant_jobs_by_lease ON tenant_jobs (lease_until) WHERE lease_until IS NOT NULL;

-- Up to which day a tenant's received documents were last listed, and what the last listing gave.
CREATE TABLE inbound_pulls (
    tenant  TEXT    NOT NULL PRIMARY KEY REFERENCES tenants (id),
    until   TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    seen    INTEGER NOT NULL,
    new     INTEGER NOT NULL,
    known   INTEGER NOT NULL,
    failed  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
