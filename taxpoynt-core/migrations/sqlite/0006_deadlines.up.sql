-- Deadlines: until when a document must be reported, in which order jobs are taken, and what was foreseen.

-- Until when the authority must have signed it; none where it is cleared before the buyer gets it. When an earlier
-- document's sale was made is not known here: its preparation is the latest it can have been.
ALTER TABLE documents ADD COLUMN report_by INTEGER;
UPDATE documents SET report_by = created_at + 86400000000 WHERE kind = 'B2C';

-- What waits for the authority's signature, in the order of deadlines. Read as a whole, it answers a forecast.
CREATE INDEX documents_to_report ON documents (report_by, tenant, kind, created_at)
    WHERE stage < 30 AND state = 'prepared';
-- What is at rest unsent: refused or given up.
CREATE INDEX documents_stuck ON documents (report_by, tenant) WHERE stage < 30 AND state IN ('rejected', 'dead');
-- How fast the authority signs.
CREATE INDEX document_stages_signed ON document_stages (at) WHERE stage = 30;

-- class: 0 fetch and prepare, 1 clearance, 2 report in time, 3 report late or without a deadline.
-- take_by: within a class the smallest goes first; across classes too, see the decision on lanes and deadlines.
-- parked: waits for a later due_at. troubles: failed for the authority's sake while others got through.
ALTER TABLE jobs ADD COLUMN class INTEGER NOT NULL DEFAULT 0 CHECK (class IN (0, 1, 2, 3));
ALTER TABLE jobs ADD COLUMN take_by INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN parked INTEGER NOT NULL DEFAULT 0 CHECK (parked IN (0, 1));
ALTER TABLE jobs ADD COLUMN troubles INTEGER NOT NULL DEFAULT 0;
-- What waits now is looked at again at the first claim: parked is cleared there, and late is found there.
UPDATE jobs SET
    parked = (state = 'waiting'),
    class = CASE kind WHEN 'submit' THEN
        CASE (SELECT d.kind FROM documents d WHERE d.id = subject) WHEN 'B2C' THEN 2 ELSE 1 END ELSE 0 END,
    take_by = coalesce((SELECT d.report_by FROM documents d WHERE kind = 'submit' AND d.id = subject),
        due_at + CASE lane WHEN 0 THEN 0 WHEN 1 THEN 300000000 ELSE 86400000000 END);

DROP INDEX jobs_by_lane;
CREATE INDEX jobs_by_turn ON jobs (class, take_by, seq) WHERE state = 'waiting' AND parked = 0;
CREATE INDEX jobs_oldest ON jobs (due_at, seq) WHERE state = 'waiting' AND class = 0;
CREATE INDEX jobs_parked ON jobs (due_at) WHERE state = 'waiting' AND parked = 1;

-- What operators were told about deadlines; only added to.
CREATE TABLE alarms (
    seq       INTEGER NOT NULL PRIMARY KEY,
    at        INTEGER NOT NULL,
    change    TEXT    NOT NULL CHECK (change IN ('raised', 'worse', 'cleared')),
    will_miss INTEGER NOT NULL,
    first     INTEGER,
    last      INTEGER,
    message   TEXT    NOT NULL
) STRICT;

CREATE TRIGGER alarms_stay
BEFORE UPDATE ON alarms
BEGIN
    SELECT RAISE(ABORT, 'the alarms are only added to');
END;

CREATE TRIGGER alarms_are_kept
BEFORE DELETE ON alarms
BEGIN
    SELECT RAISE(ABORT, 'the alarms are only added to');
END;
