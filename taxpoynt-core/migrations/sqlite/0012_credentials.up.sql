-- Authorizations under way, and who refreshes a connection's token.

-- A person was sent to a platform and has not come back yet. state_hash: the SHA-256 of what came along, so that the
-- database alone completes nothing. sealed: the PKCE verifier. Taken once, or gone after expires_at.
CREATE TABLE authorizations (
    state_hash   TEXT    NOT NULL PRIMARY KEY,
    tenant       TEXT    NOT NULL REFERENCES tenants (id),
    platform     TEXT    NOT NULL,
    redirect_uri TEXT    NOT NULL,
    settings     TEXT    NOT NULL,
    sealed       TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX authorizations_by_end ON authorizations (expires_at);

-- Rises whenever the credentials are others; sealing the same ones under another key is no change.
ALTER TABLE connections ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;

-- token: rises with each lease. settled: up to which lease results count no more. unanswered: leases since the last
-- stored token that ended without the platform's answer. refresh_at: when an idle connection is refreshed.
CREATE TABLE token_refreshes (
    connection   TEXT    NOT NULL PRIMARY KEY REFERENCES connections (id),
    token        INTEGER NOT NULL DEFAULT 0,
    settled      INTEGER NOT NULL DEFAULT 0,
    lease_until  INTEGER,
    unanswered   INTEGER NOT NULL DEFAULT 0 CHECK (unanswered >= 0),
    failures     INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    failed_until INTEGER,
    error_kind   TEXT,
    error        TEXT,
    refresh_at   INTEGER,
    CHECK (settled <= token),
    CHECK (failed_until IS NULL OR (error_kind IS NOT NULL AND error IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX token_refreshes_due ON token_refreshes (refresh_at) WHERE refresh_at IS NOT NULL;

-- Jobs that wait until the account's owner has authorized again.
CREATE INDEX jobs_unauthorized ON jobs (connection)
    WHERE kind = 'fetch' AND state = 'waiting' AND error_kind = 'unauthenticated';
