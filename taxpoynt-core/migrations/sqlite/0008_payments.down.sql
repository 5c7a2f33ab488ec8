DROP INDEX documents_notes;
DROP TABLE transmissions;
DROP TABLE authority_notices;
DROP TABLE payments;
CREATE TABLE jobs_with_fewer_kinds (
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
    class       INTEGER NOT NULL DEFAULT 0 CHECK (class IN (0, 1, 2, 3)),
    take_by     INTEGER NOT NULL DEFAULT 0,
    parked      INTEGER NOT NULL DEFAULT 0 CHECK (parked IN (0, 1)),
    troubles    INTEGER NOT NULL DEFAULT 0,
    CHECK ((state = 'claimed') = (lease_until IS NOT NULL)),
    CHECK ((kind = 'fetch') = (external_id IS NOT NULL))
) STRICT;
INSERT INTO jobs_with_fewer_kinds (seq, id, kind, subject, record_kind, external_id, tenant, connection, lane, state,
    due_at, lease, lease_until, token, attempts, again, error_kind, error, ended_at, class,
    take_by, parked, troubles)
SELECT seq, id, kind, subject, record_kind, external_id, tenant, connection, lane, state,
    due_at, lease, lease_until, token, attempts, again, error_kind, error, ended_at, class,
    take_by, parked, troubles FROM jobs
WHERE kind IN ('fetch', 'prepare', 'submit') ORDER BY seq;
DROP TABLE jobs;
ALTER TABLE jobs_with_fewer_kinds RENAME TO jobs;
CREATE UNIQUE INDEX jobs_live ON jobs (kind, subject) WHERE state IN ('waiting', 'claimed');
CREATE INDEX jobs_by_age ON jobs (due_at, seq) WHERE state = 'waiting';
CREATE INDEX jobs_by_turn ON jobs (class, take_by, seq) WHERE state = 'waiting' AND parked = 0;
CREATE INDEX jobs_oldest ON jobs (due_at, seq) WHERE state = 'waiting' AND class = 0;
CREATE INDEX jobs_parked ON jobs (due_at) WHERE state = 'waiting' AND parked = 1;
CREATE INDEX jobs_by_lease ON jobs (lease_until) WHERE state = 'claimed';
CREATE INDEX jobs_dead ON jobs (ended_at, seq) WHERE state = 'dead';
