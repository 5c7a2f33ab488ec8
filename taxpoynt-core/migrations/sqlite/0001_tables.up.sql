-- Tables. SQLite takes foreign keys only with the table, so they are here and not in a step of their own.
-- Times are microseconds since 1970-01-01 UTC, ids are UUIDs as text, amounts are decimals as text.

-- Sellers. `profile` is the tenant as JSON without credentials; `sealed` are the credentials at the authority.
CREATE TABLE tenants (
    id          TEXT    NOT NULL PRIMARY KEY,
    business_id TEXT    UNIQUE,
    tin         TEXT,
    profile     TEXT    NOT NULL,
    sealed      TEXT,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX tenants_by_tin ON tenants (tin) WHERE tin IS NOT NULL;

-- Platform accounts of a tenant. Connecting one again updates its row.
CREATE TABLE connections (
    seq          INTEGER NOT NULL PRIMARY KEY,
    id           TEXT    NOT NULL UNIQUE,
    tenant       TEXT    NOT NULL REFERENCES tenants (id),
    platform     TEXT    NOT NULL,
    family       TEXT    NOT NULL CHECK (family IN ('crm', 'pos')),
    account      TEXT    NOT NULL,
    account_name TEXT,
    settings     TEXT    NOT NULL,
    sealed       TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('active', 'paused', 'needs_reauth', 'removed')),
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    UNIQUE (tenant, platform, account)
) STRICT;
CREATE INDEX connections_by_account ON connections (platform, account);

-- Webhook bodies as they arrived.
CREATE TABLE deliveries (
    id          TEXT    NOT NULL PRIMARY KEY,
    connection  TEXT    NOT NULL REFERENCES connections (id),
    body        BLOB    NOT NULL,
    body_hash   TEXT    NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_by_hash ON deliveries (connection, body_hash);

-- Every event ever announced, so that a repetition is known for one. Kept longer than any platform retries.
CREATE TABLE events (
    connection  TEXT    NOT NULL REFERENCES connections (id),
    event_id    TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    record_kind TEXT,
    external_id TEXT,
    delivery    TEXT    NOT NULL REFERENCES deliveries (id) DEFERRABLE INITIALLY DEFERRED,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (connection, event_id)
) STRICT, WITHOUT ROWID;

-- What platforms hold: identity, and by `body_hash` which version is the newest.
CREATE TABLE records (
    seq          INTEGER NOT NULL PRIMARY KEY,
    id           TEXT    NOT NULL UNIQUE,
    tenant       TEXT    NOT NULL REFERENCES tenants (id),
    connection   TEXT    NOT NULL REFERENCES connections (id),
    platform     TEXT    NOT NULL,
    account      TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    external_id  TEXT    NOT NULL,
    modified_at  INTEGER,
    body_hash    TEXT    NOT NULL,
    held_code    TEXT,
    held_message TEXT,
    first_seen   INTEGER NOT NULL,
    last_seen    INTEGER NOT NULL,
    UNIQUE (tenant, platform, account, kind, external_id)
) STRICT;
CREATE INDEX records_by_external_id ON records (tenant, platform, external_id);
CREATE INDEX records_held ON records (tenant, seq) WHERE held_code IS NOT NULL;

-- Every body a record had; only added to.
CREATE TABLE record_versions (
    record      TEXT    NOT NULL REFERENCES records (id),
    body_hash   TEXT    NOT NULL,
    modified_at INTEGER,
    body        BLOB    NOT NULL,
    stored_at   INTEGER NOT NULL,
    UNIQUE (record, body_hash)
) STRICT;

-- The next number of each series of a tenant.
CREATE TABLE number_series (
    tenant TEXT    NOT NULL REFERENCES tenants (id),
    series TEXT    NOT NULL,
    next   INTEGER NOT NULL CHECK (next >= 1),
    PRIMARY KEY (tenant, series)
) STRICT, WITHOUT ROWID;

-- Invoices and credit notes.
-- stage: 0 draft, 10 validated, 20 signing, 30 signed, 40 transmitting, 50 transmitted, 60 confirmed.
CREATE TABLE documents (
    seq            INTEGER NOT NULL PRIMARY KEY,
    id             TEXT    NOT NULL UNIQUE,
    tenant         TEXT    NOT NULL REFERENCES tenants (id),
    record         TEXT    NOT NULL REFERENCES records (id),
    purpose        TEXT    NOT NULL,
    document_type  TEXT    NOT NULL CHECK (document_type IN ('invoice', 'credit_note', 'debit_note')),
    kind           TEXT    NOT NULL,
    series         TEXT    NOT NULL,
    series_number  INTEGER NOT NULL CHECK (series_number >= 1),
    number         TEXT    NOT NULL,
    irn            TEXT    NOT NULL UNIQUE,
    issue_date     TEXT    NOT NULL,
    currency       TEXT    NOT NULL,
    payable_amount TEXT    NOT NULL,
    content_hash   TEXT    NOT NULL,
    invoice        TEXT    NOT NULL,
    ubl            BLOB    NOT NULL,
    mbs            BLOB    NOT NULL,
    stamp          TEXT    NOT NULL,
    provenance     TEXT    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('prepared', 'submitted', 'accepted', 'rejected', 'dead')),
    stage          INTEGER NOT NULL CHECK (stage IN (0, 10, 20, 30, 40, 50, 60)),
    message        TEXT,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    UNIQUE (record, purpose),
    UNIQUE (tenant, series, series_number),
    UNIQUE (tenant, number)
) STRICT;
CREATE INDEX documents_by_state ON documents (tenant, state, seq);

-- When a document first reached each stage.
CREATE TABLE document_stages (
    document TEXT    NOT NULL REFERENCES documents (id),
    stage    INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (document, stage)
) STRICT, WITHOUT ROWID;

-- What is to be done. A finished job is deleted; a dead one is a dead letter until it is replayed or discarded.
-- lane: 0 high, 1 normal, 2 bulk. token rises with each claim. again: asked for anew while it was claimed.
CREATE TABLE jobs (
    seq         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id          TEXT    NOT NULL UNIQUE,
    kind        TEXT    NOT NULL CHECK (kind IN ('fetch', 'prepare', 'submit')),
    subject     TEXT    NOT NULL,
    record_kind TEXT,
    external_id TEXT,
    tenant      TEXT    NOT NULL REFERENCES tenants (id),
    connection  TEXT    NOT NULL REFERENCES connections (id),
    lane        INTEGER NOT NULL CHECK (lane IN (0, 1, 2)),
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'claimed', 'dead', 'discarded')),
    due_at      INTEGER NOT NULL,
    lease       INTEGER,
    lease_until INTEGER,
    token       INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    again       INTEGER NOT NULL CHECK (again IN (0, 1)),
    error_kind  TEXT,
    error       TEXT,
    ended_at    INTEGER,
    CHECK ((state = 'claimed') = (lease_until IS NOT NULL)),
    CHECK ((kind = 'fetch') = (external_id IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX jobs_live ON jobs (kind, subject) WHERE state IN ('waiting', 'claimed');
CREATE INDEX jobs_by_lane ON jobs (lane, due_at, seq) WHERE state = 'waiting';
CREATE INDEX jobs_by_age ON jobs (due_at, seq) WHERE state = 'waiting';
CREATE INDEX jobs_by_lease ON jobs (lease_until) WHERE state = 'claimed';
CREATE INDEX jobs_dead ON jobs (ended_at, seq) WHERE state = 'dead';

-- What happened; only added to. subject: a record, a document or a connection. record: whose history it is part of.
CREATE TABLE audit (
    seq     INTEGER NOT NULL PRIMARY KEY,
    tenant  TEXT    NOT NULL REFERENCES tenants (id),
    subject TEXT    NOT NULL,
    record  TEXT,
    at      INTEGER NOT NULL,
    event   TEXT    NOT NULL,
    detail  TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_by_subject ON audit (subject);
CREATE INDEX audit_by_record ON audit (record) WHERE record IS NOT NULL;

-- Pulls.
CREATE TABLE sync_log (
    seq         INTEGER NOT NULL PRIMARY KEY,
    connection  TEXT    NOT NULL REFERENCES connections (id),
    started_at  INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    seen        INTEGER NOT NULL,
    new         INTEGER NOT NULL,
    changed     INTEGER NOT NULL,
    unchanged   INTEGER NOT NULL,
    failed      INTEGER NOT NULL,
    error       TEXT
) STRICT;
CREATE INDEX sync_log_by_connection ON sync_log (connection, seq);

-- Where the last pull of a connection ended.
CREATE TABLE watermarks (
    connection TEXT    NOT NULL PRIMARY KEY REFERENCES connections (id),
    at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
