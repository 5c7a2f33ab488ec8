-- What happens to a document after sign. The queue gets two more kinds of job: `payment` tells the authority of a payment,
-- `confirm` reads a document's state there again. SQLite changes no CHECK by ALTER TABLE; this is the way its manual gives
-- for it (lang_altertable.html, 7), and it leaves the columns that other steps added alone. Which kinds there are is the
-- engine's to say, as it is which it can read. Creating the tables below tells other connections of the change.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'CHECK (kind IN (''fetch'', ''prepare'', ''submit''))', 'CHECK (kind <> '''')')
WHERE type = 'table' AND name = 'jobs';
PRAGMA writable_schema = RESET;

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
