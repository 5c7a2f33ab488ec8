-- Pulls that go on where they stopped, deleted records, and what a day's count is held against.

-- kind: incremental (what changed since the watermark), backfill (an import from a date on).
-- state: running (also between attempts), done, cancelled, paused (a person stopped it, it can go on).
-- walk, evidence: JSON; none before the first page. lease_until: none while no process has it.
CREATE TABLE sync_runs (
    seq         INTEGER NOT NULL PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    connection  TEXT    NOT NULL REFERENCES connections (id),
    kind        TEXT    NOT NULL CHECK (kind IN ('incremental', 'backfill')),
    state       TEXT    NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'paused')),
    since       INTEGER,
    until       INTEGER,
    moves_mark  INTEGER NOT NULL CHECK (moves_mark IN (0, 1)),
    deep        INTEGER NOT NULL CHECK (deep IN (0, 1)),
    walk        TEXT,
    evidence    TEXT,
    pages       INTEGER NOT NULL DEFAULT 0,
    seen        INTEGER NOT NULL DEFAULT 0,
    new         INTEGER NOT NULL DEFAULT 0,
    changed     INTEGER NOT NULL DEFAULT 0,
    unchanged   INTEGER NOT NULL DEFAULT 0,
    failed      INTEGER NOT NULL DEFAULT 0,
    total       INTEGER,
    error       TEXT,
    started_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    finished_at INTEGER,
    token       INTEGER NOT NULL,
    lease_until INTEGER,
    due_at      INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sync_runs_live ON sync_runs (connection, kind) WHERE state IN ('running', 'paused');
CREATE INDEX sync_runs_by_connection ON sync_runs (connection, seq);
CREATE INDEX sync_runs_due ON sync_runs (kind, due_at) WHERE state = 'running';

-- When a connection is pulled. every: seconds; none: as the engine is set; 0: never by itself.
-- seen_until: the latest change seen by any pull. deep_at: the last pull that read further back;
-- deep_mark: where the platform's time stood when it began.
-- swept_at: when deleted records were last listed. count_at: when its days are counted next.
CREATE TABLE sync_plans (
    connection TEXT    NOT NULL PRIMARY KEY REFERENCES connections (id),
    every      INTEGER,
    next_at    INTEGER,
    failures   INTEGER NOT NULL DEFAULT 0,
    error      TEXT,
    seen_until INTEGER,
    deep_at    INTEGER,
    deep_mark  INTEGER,
    swept_at   INTEGER,
    count_at   INTEGER
) STRICT, WITHOUT ROWID;

-- Records that are no longer at their platform. Only a fetch says so, and only a fetch takes it back.
CREATE TABLE record_deletions (
    record     TEXT    NOT NULL PRIMARY KEY REFERENCES records (id),
    deleted_at INTEGER NOT NULL,
    why        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- What a record counts for on its day; brought up to date before a day is counted. counted_at: none where it counts on
-- no day. amount: decimal as text.
CREATE TABLE record_counts (
    record     TEXT    NOT NULL PRIMARY KEY REFERENCES records (id),
    body_hash  TEXT    NOT NULL,
    tenant     TEXT    NOT NULL,
    platform   TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    counted_at INTEGER,
    amount     TEXT,
    currency   TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX record_counts_by_day ON record_counts (tenant, platform, account, counted_at)
    WHERE counted_at IS NOT NULL;

-- A day of a connection, as it was last counted. report: JSON.
CREATE TABLE reconciliations (
    connection TEXT    NOT NULL REFERENCES connections (id),
    day        TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    equal      INTEGER NOT NULL CHECK (equal IN (0, 1)),
    report     TEXT    NOT NULL,
    PRIMARY KEY (connection, day)
) STRICT, WITHOUT ROWID;
