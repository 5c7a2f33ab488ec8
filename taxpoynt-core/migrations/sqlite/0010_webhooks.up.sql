-- Webhooks: which secrets are live, which subscriptions exist, and what became of each delivery.

-- Secrets that sign webhooks, each sealed under its own id. connection NULL: the secret of the host's app at the platform.
-- origin: host (the host set it), platform (its API gave it), configured (it stands in the credentials or the options; it
-- is here only because it was retired). Two or more may be live while one is being rotated.
CREATE TABLE webhook_secrets (
    seq        INTEGER NOT NULL PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    platform   TEXT    NOT NULL,
    connection TEXT    REFERENCES connections (id),
    sealed     TEXT    NOT NULL,
    origin     TEXT    NOT NULL CHECK (origin IN ('host', 'platform', 'configured')),
    added_at   INTEGER NOT NULL,
    retired_at INTEGER,
    CHECK (origin <> 'configured' OR retired_at IS NOT NULL)
) STRICT;
CREATE INDEX webhook_secrets_by_platform ON webhook_secrets (platform, connection);

-- What a platform was told to send: one a connection, or one for the host's app.
CREATE TABLE webhook_subscriptions (
    id          TEXT    NOT NULL PRIMARY KEY,
    platform    TEXT    NOT NULL,
    connection  TEXT    REFERENCES connections (id),
    external_id TEXT    NOT NULL,
    base_url    TEXT,
    url         TEXT    NOT NULL,
    events      TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('active', 'failing')),
    message     TEXT,
    created_at  INTEGER NOT NULL,
    checked_at  INTEGER NOT NULL,
    check_at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX webhook_subscriptions_of ON webhook_subscriptions (platform, ifnull(connection, ''));
CREATE INDEX webhook_subscriptions_due ON webhook_subscriptions (check_at);

-- Rises with everything that decides whether a webhook of a platform verifies and whose it is. A delivery is stored only
-- under the revision that it was verified under, so that a retired secret opens nothing, in no process. Refreshed access
-- tokens do not count: they change `sealed` alone.
CREATE TABLE webhook_revisions (
    platform TEXT    NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO webhook_revisions (platform, revision) SELECT DISTINCT platform, 1 FROM connections;

CREATE TRIGGER webhook_revision_of_new_connections AFTER INSERT ON connections
BEGIN
    INSERT INTO webhook_revisions (platform, revision) VALUES (NEW.platform, 1)
    ON CONFLICT (platform) DO UPDATE SET revision = revision + 1;
END;
CREATE TRIGGER webhook_revision_of_connections AFTER UPDATE OF settings, state, account ON connections
BEGIN
    UPDATE webhook_revisions SET revision = revision + 1 WHERE platform = NEW.platform;
END;
CREATE TRIGGER webhook_revision_of_new_secrets AFTER INSERT ON webhook_secrets
BEGIN
    INSERT INTO webhook_revisions (platform, revision) VALUES (NEW.platform, 1)
    ON CONFLICT (platform) DO UPDATE SET revision = revision + 1;
END;
CREATE TRIGGER webhook_revision_of_secrets AFTER UPDATE OF retired_at ON webhook_secrets
BEGIN
    UPDATE webhook_revisions SET revision = revision + 1 WHERE platform = NEW.platform;
END;
CREATE TRIGGER webhook_revision_of_gone_secrets AFTER DELETE ON webhook_secrets
BEGIN
    UPDATE webhook_revisions SET revision = revision + 1 WHERE platform = OLD.platform;
END;

-- shared: the body also holds events of other connections, so that no tenant may read it. faults: why parts of it could
-- not be read, a JSON list of sentences.
ALTER TABLE deliveries ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN faults TEXT;
ALTER TABLE deliveries ADD COLUMN replays INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN replayed_at INTEGER;
CREATE INDEX deliveries_faulty ON deliveries (connection) WHERE faults IS NOT NULL;
CREATE INDEX events_by_delivery ON events (delivery);
