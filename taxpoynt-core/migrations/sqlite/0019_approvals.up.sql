-- Drafts that a person approves before they are sent. An approval is of one content: a record that says something else
-- asks again, in a row of its own. Who decided what is never edited.
CREATE TABLE approvals (
    seq            INTEGER NOT NULL PRIMARY KEY,
    id             TEXT    NOT NULL UNIQUE,
    tenant         TEXT    NOT NULL REFERENCES tenants (id),
    record         TEXT    NOT NULL REFERENCES records (id),
    purpose        TEXT    NOT NULL,
    content_hash   TEXT    NOT NULL,
    rule           TEXT    NOT NULL,
    currency       TEXT    NOT NULL,
    payable_amount TEXT    NOT NULL,
    invoice        TEXT    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('waiting', 'approved', 'refused', 'outdated')),
    asked_at       INTEGER NOT NULL,
    decided_at     INTEGER,
    decided_by     TEXT,
    note           TEXT,
    UNIQUE (record, purpose, content_hash)
) STRICT;
CREATE INDEX approvals_by_tenant ON approvals (tenant, state, seq);

CREATE TRIGGER approvals_stay BEFORE UPDATE ON approvals WHEN OLD.state IN ('approved', 'refused')
BEGIN
    SELECT RAISE(ABORT, 'what a person decided is never edited');
END;
