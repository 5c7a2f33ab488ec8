-- What happens to a document after sign. SQLite changes no CHECK in place, so the queue is made anew with two more kinds
-- of job: `payment` tells the authority of a payment, `confirm` reads a document's state there again.
-- Which kinds there are is the engine's to say, as it is which it can read.
CREATE TABLE jobs_with_more_kinds (
    seq         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id          TEXT    NOT NULL UNIQUE,
    kind        TEXT    NOT NULL CHECK (kind <> ''),
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
    class       INTEGER NOT NULL CHECK (class IN (0, 1, 2, 3)),
    take_by     INTEGER NOT NULL,
    parked      INTEGER NOT NULL DEFAULT 0 CHECK (parked IN (0, 1)),
    troubles    INTEGER NOT NULL DEFAULT 0,
    CHECK ((state = 'claimed') = (lease_until IS NOT NULL)),
    CHECK ((kind = 'fetch') = (external_id IS NOT NULL))
) STRICT;
INSERT INTO jobs_with_more_kinds (seq, id, kind, subject, record_kind, external_id, tenant, connection, lane, state,
    due_at, lease, lease_until, token, attempts, again, error_kind, error, ended_at, class,
    take_by, parked, troubles)
SELECT seq, id, kind, subject, record_kind, external_id, tenant, connection, lane, state,
    due_at, lease, lease_until, token, attempts, again, error_kind, error, ended_at, class,
    take_by, parked, troubles FROM jobs ORDER BY seq;
DROP TABLE jobs;
ALTER TABLE jobs_with_more_kinds RENAME TO jobs;
CREATE UNIQUE INDEX jobs_live ON jobs (kind, subject) WHERE state IN ('waiting', 'claimed');
CREATE INDEX jobs_by_age ON jobs (due_at, seq) WHERE state = 'waiting';
CREATE INDEX jobs_by_turn ON jobs (class, take_by, seq) WHERE state = 'waiting' AND parked = 0;
CREATE INDEX jobs_oldest ON jobs (due_at, seq) WHERE state = 'waiting' AND class = 0;
CREATE INDEX jobs_parked ON jobs (due_at) WHERE state = 'waiting' AND parked = 1;
CREATE INDEX jobs_by_lease ON jobs (lease_until) WHERE state = 'claimed';
CREATE INDEX jobs_dead ON jobs (ended_at, seq) WHERE state = 'dead';

-- The one thing that may change of a signed document, once: it is paid, or it will not be.
CREATE TABLE payments (
    document     TEXT    NOT NULL PRIMARY KEY REFERENCES documents (id),
    status       TEXT    NOT NULL CHECK (status IN ('PAID', 'REJECTED')),
    reference    TEXT,
    origin       TEXT    NOT NULL CHECK (origin IN ('record', 'host')),
    state        TEXT    NOT NULL CHECK (state IN ('wanted', 'sending', 'done', 'refused')),
    message      TEXT,
    requested_at INTEGER NOT NULL,
    sent_at      INTEGER,
    settled_at   INTEGER,
    CHECK ((state IN ('done', 'refused')) = (settled_at IS NOT NULL)),
    CHECK (state <> 'sending' OR sent_at IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER payments_stay_told
BEFORE UPDATE OF status, state ON payments
WHEN OLD.state IN ('done', 'refused') OR (OLD.state = 'sending' AND OLD.status IS NOT NEW.status)
BEGIN
    SELECT RAISE(ABORT, 'a payment that was told to the authority does not change');
END;

-- What was posted to us as the authority: hints, whoever sent them. event and irn identify one; it has no id.
CREATE TABLE authority_notices (
    seq         INTEGER NOT NULL PRIMARY KEY,
    irn         TEXT    NOT NULL,
    event       TEXT    NOT NULL,
    document    TEXT    REFERENCES documents (id),
    body        BLOB    NOT NULL,
    seen        INTEGER NOT NULL CHECK (seen >= 1),
    received_at INTEGER NOT NULL,
    handled_at  INTEGER,
    UNIQUE (irn, event)
) STRICT;
CREATE INDEX authority_notices_waiting ON authority_notices (document)
    WHERE document IS NOT NULL AND handled_at IS NULL;
CREATE INDEX authority_notices_of_nobody ON authority_notices (seq) WHERE document IS NULL;

-- How the sending of a signed document goes, as last read. The times are those of the first reading that showed it.
CREATE TABLE transmissions (
    document        TEXT    NOT NULL PRIMARY KEY REFERENCES documents (id),
    state           TEXT    NOT NULL CHECK (state IN ('transmitting', 'transmitted', 'acknowledged', 'transmit_failed')),
    transmitted_at  INTEGER,
    acknowledged_at INTEGER,
    failed_at       INTEGER,
    resent          INTEGER NOT NULL DEFAULT 0 CHECK (resent >= 0),
    message         TEXT
) STRICT, WITHOUT ROWID;

-- Notes are looked for by the document they correct. Ours refer to one.
CREATE INDEX documents_notes ON documents (tenant, json_extract(invoice, '$.references[0].irn'))
    WHERE document_type <> 'invoice' AND json_valid(invoice);
