-- Feature switches, who set them, and what it takes to see how the queue stands.

-- How much of what a switch governs goes on. '' is "any": the setting that names most wins, a tenant before a platform.
CREATE TABLE switches (
    switch   TEXT    NOT NULL CHECK (switch <> ''),
    tenant   TEXT    NOT NULL,
    platform TEXT    NOT NULL,
    percent  INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 100),
    spread   TEXT    NOT NULL CHECK (spread IN ('record', 'tenant')),
    set_by   TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    set_at   INTEGER NOT NULL,
    PRIMARY KEY (switch, tenant, platform)
) STRICT, WITHOUT ROWID;

-- Who changed which, when and why; only added to. Its newest seq is the revision of all settings.
CREATE TABLE switch_log (
    seq            INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at             INTEGER NOT NULL,
    switch         TEXT    NOT NULL,
    tenant         TEXT    NOT NULL,
    platform       TEXT    NOT NULL,
    percent_before INTEGER,
    spread_before  TEXT,
    percent_after  INTEGER,
    spread_after   TEXT,
    who            TEXT    NOT NULL CHECK (who <> ''),
    reason         TEXT    NOT NULL CHECK (reason <> '')
) STRICT;

CREATE TRIGGER switch_log_stays
BEFORE UPDATE ON switch_log
BEGIN
    SELECT RAISE(ABORT, 'the log of switches is only added to');
END;

CREATE TRIGGER switch_log_is_kept
BEFORE DELETE ON switch_log
BEGIN
    SELECT RAISE(ABORT, 'the log of switches is only added to');
END;

-- When what a job serves was announced, pulled or handed in; the jobs that follow from it take it over.
ALTER TABLE jobs ADD COLUMN received_at INTEGER;
-- Counts a lane without touching a row.
CREATE INDEX jobs_by_lane ON jobs (lane, state, due_at) WHERE state IN ('waiting', 'claimed');
