"""The engine for asyncio: stores what platforms send, prepares documents, and submits them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Literal

from . import _taxpoynt
from ._authority import Waiter
from ._fill import fill_list, fill_text
from ._rules import RuleCalls
from .errors import ConfigError
from .explained import Explained
from .rows import (
    Account,
    AuditEntry,
    Connection,
    DeadLetter,
    Document,
    Drained,
    Page,
    Prepared,
    Receipt,
    Record,
    RecordKey,
    Removal,
    SyncEntry,
    SyncReport,
    Tenant,
    page,
)
from .webhooks import Headers, pairs

__all__ = ["Engine"]


class _Asyncio:
    """Suspends. A cancelled await lets go of the answer; the work goes on to its end."""

    async def answer(self, pending: Future[str]) -> str:
        return await asyncio.wrap_future(pending)

    async def close(self, native: _taxpoynt.Engine) -> None:
        await asyncio.to_thread(native.close)


class Engine(RuleCalls):
    """The engine. Open it, use it, close it; `async with` closes it.

    Its threads start at `open` and do not survive a fork: open one engine per process, after the fork. Cancelling an
    await abandons nothing half-way: the work goes on, only its answer is dropped.

    Every call on an id takes `tenant`, an id from `add_tenant`; what belongs to another tenant is `NotFound`. Without
    it the call is the host's own and sees every tenant's. Any call may raise `StoreError`; other errors are named.
    """

    __slots__ = ("__weakref__",)

    def __init__(self, native: _taxpoynt.Engine, waiter: Waiter) -> None:
        self._native = native
        self._waiter = waiter

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        keys: Iterable[str],
        authority: dict[str, str] | None = None,
        apps: dict[str, dict[str, str | list[str]]] | None = None,
        allow_hosts: Iterable[str] = (),
        redis: str | None = None,
        breaker: dict[str, int] | None = None,
        deadlines: dict[str, int] | None = None,
        metrics: dict[str, bool] | None = None,
        webhooks: dict[str, int] | None = None,
        sync: dict[str, int | bool] | None = None,
        side_by_side: int | None = None,
        keys_lost: bool = False,
    ) -> Engine:
        """Opens `sqlite:///path/to/file.db` or `sqlite::memory:`, creating and migrating it.

        `keys` seal credentials: Fernet keys (`Vault.generate_key`), the first seals, all open. `authority` is
        `{"base_url", "api_key"?, "api_secret"?, "stamp_time"?, "webhook_secret"?, "acknowledge_body"?,
        "wording"?}`: the pair serves tenants without one of their own, `stamp_time` says how stamps write their time (as in
        `CryptoKeys.stamp`), `webhook_secret` signs what `receive_authority` takes, `acknowledge_body` is `message` or
        `empty`, `wording` `{"not_found"?, "duplicate"?, "unclear"?}` lists the texts (lower case) by which answers say
        that a document is not there, or may be there already. Without an authority documents are prepared and wait.
        `breaker` is `{"failures"?, "pause_seconds"?}`: after so many failed calls in a row (5) the authority is left alone for so long (30). `deadlines` is
        `{"every_seconds"?, "ahead_seconds"?, "margin_percent"?}`: how often workers look at deadlines (60), how long
        before a missed one an alarm is raised (14,400), what is taken off the measured speed (15). `metrics` is
        `{"per_tenant"?}`: whether sales, invoices and submissions are counted by tenant too (no). `webhooks` is
        `{"keep_days"?, "check_every_seconds"?, "body_limit"?}`: how long a webhook whose work is done is kept, at least 7
        (90); how often workers compare each subscription with what the platform has (21,600); the longest body that is
        taken, in bytes (2,097,152). `sync` is `{"every_seconds"?, "side_by_side"?, "reconcile"?}`: how often workers pull
        each connection, 0 for only those with a schedule of their own (600); how many at once (4); whether days are counted
        at night and what is missing is fetched (yes). `side_by_side` is how many jobs a worker claims at once (16). `apps` is our
        registration at each platform: `{"hubspot": {"client_id"?, "client_secret" or "webhook_secret", "redirect_uris"?,
        "webhook_url", "management_token"?}}`; with a `management_token` `subscribe` makes the app's own subscription.
        Private addresses are refused unless their host is in `allow_hosts`. `keys_lost` starts although no key opens
        any stored credential: theirs is lost, and they will be stored again.

        Raises `ConfigError` naming what cannot be used, `StoreError`.
        """
        limits: dict[str, Mapping[str, int] | int | bool | None] = {
            "breaker": breaker,
            "deadlines": deadlines,
            "metrics": metrics,
            "webhooks": webhooks,
            "sync": sync,
            "side_by_side": side_by_side,
            "keys_lost": keys_lost,
        }
        return await cls._open(url, _Asyncio(), keys, authority, apps, allow_hosts, redis, limits)

    @classmethod
    async def _open(
        cls,
        url: str,
        waiter: Waiter,
        keys: Iterable[str],
        authority: dict[str, str] | None,
        apps: dict[str, dict[str, str | list[str]]] | None,
        allow_hosts: Iterable[str],
        redis: str | None,
        limits: dict[str, Mapping[str, int] | int | bool | None],
    ) -> Engine:
        if redis is not None:
            message = "redis is not in this build; leave it out: the queue then lives in the database"
            raise ConfigError(message, kind="config", operation="engine.open", context={"field": "redis"})
        options = {
            "keys": [keys] if isinstance(keys, str) else list(keys),
            "authority": authority,
            "apps": apps or {},
            "allow_hosts": list(allow_hosts),
            **limits,
        }
        native = _taxpoynt.Engine()
        try:
            await waiter.answer(native.open(url, options))
        except BaseException:
            await waiter.close(native)
            raise
        return cls(native, waiter)

    async def close(self) -> None:
        """Lets workers finish the job at hand and calls come to their end, then stops the threads."""
        await self._waiter.close(self._native)

    async def __aenter__(self) -> Engine:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def add_tenant(self, tenant: dict[str, Any]) -> Tenant:
        """Stores a seller; one with the same `business_id`, else TIN, is updated and keeps its id.

        Raises `ConfigError` naming the setting that cannot be used.
        """
        return fill_text(Tenant, await self._waiter.answer(self._native.add_tenant(tenant)))

    async def tenant(self, id: str) -> Tenant:
        """A stored seller. Raises `NotFound`."""
        return fill_text(Tenant, await self._waiter.answer(self._native.tenant(id)))

    async def connect(
        self,
        platform: str,
        tenant_id: str,
        *,
        credentials: dict[str, str],
        settings: dict[str, str] | None = None,
    ) -> Connection:
        """Connects an account with `{"access_token", "webhook_secret"?}`, after the cheapest authenticated call; with
        `{"client_id", "client_secret"}` or `{"client_id", "subject", "private_key"}` where the platform takes those.

        Connecting it again updates the connection and keeps its id. `settings` are those of `platforms()`.

        Raises `ConfigError` for an unknown platform or setting, `NotFound` for the tenant, `PlatformError` as the
        platform answers: `Unauthenticated` for refused credentials.
        """
        pending = self._native.connect(platform, tenant_id, credentials, settings or {})
        return fill_text(Connection, await self._waiter.answer(pending))

    async def authorize_url(
        self, platform: str, tenant_id: str, *, redirect_uri: str, settings: dict[str, str] | None = None
    ) -> str:
        """Where to send the account's owner, so that an account of theirs is connected to the tenant.

        PKCE and a state are in it; the state counts once, for fifteen minutes, for this tenant, platform and redirect.
        `redirect_uri` is compared letter by letter with `apps[platform]["redirect_uris"]`, where there are any.

        Raises `ConfigError` naming the field, `NotFound` for the tenant.
        """
        told = {"platform": platform, "tenant": tenant_id, "redirect_uri": redirect_uri, "settings": settings or {}}
        url: str = json.loads(await self._ask("authorize_url", **told))
        return url

    async def exchange(
        self,
        platform: str,
        tenant_id: str,
        *,
        code: str | None = None,
        state: str | None = None,
        iss: str | None = None,
        query: str | None = None,
    ) -> Connection:
        """Ends what `authorize_url` began. Give what the platform's redirect brought: `code`, `state` and, where it is
        there, `iss`; or its whole `query`, which also says where the owner declined.

        An account connected before keeps its id, and what waited for it goes on.

        Raises `PermissionDenied` where the state is unknown, used, too old or another tenant's, or the owner declined;
        `Unauthenticated` where the platform refuses the code.
        """
        told = {"platform": platform, "tenant": tenant_id, "code": code, "state": state, "iss": iss, "query": query}
        return fill_text(Connection, await self._ask("exchange", **told))

    async def remove(self, connection_id: str, *, tenant: str | None = None) -> Removal:
        """Ends a connection: revokes its tokens at the platform, where that has a way to, and forgets its credentials.
        Records and documents stay. Raises `NotFound`.
        """
        return fill_text(Removal, await self._ask("remove", id=connection_id, tenant=tenant))

    async def test_connection(self, connection_id: str, *, tenant: str | None = None) -> Account:
        """Makes the cheapest authenticated call. One that needed a new authorization tries what it has once more.

        Raises `NotFound`, `PlatformError` as the platform answers.
        """
        return fill_text(Account, await self._ask("test_connection", id=connection_id, tenant=tenant))

    async def connection_log(self, connection_id: str, *, tenant: str | None = None) -> list[AuditEntry]:
        """What happened to a connection, oldest first: `connection.needs_reauth`, …. Raises `NotFound`."""
        return fill_list(AuditEntry, await self._ask("connection_log", id=connection_id, tenant=tenant))

    async def receive(self, target: str, *, method: str, url: str, headers: Headers, body: bytes) -> Receipt:
        """Takes a webhook for a connection (its id) or a platform (`"hubspot"`); returns after the commit.

        The signature is checked against the configured URL. A failed check is `status` 401 and stores nothing.

        Raises `NotFound` for an unknown connection, `ConfigError` for an unknown platform or one without webhooks. On
        any error answer 5xx, so that the sender repeats.
        """
        pending = self._native.receive(target, method, url, pairs(headers), body)
        return fill_text(Receipt, await self._waiter.answer(pending))

    async def ingest(
        self, connection_id: str, record: bytes | str | dict[str, Any], *, tenant: str | None = None
    ) -> RecordKey:
        """Takes a record the host already has (offline till, file, migration) and queues it.

        Raises `NotFound`, `PayloadError` naming the field where the record has no id.
        """
        return fill_text(RecordKey, await self._waiter.answer(self._native.ingest(connection_id, record, tenant)))

    async def sync(
        self, connection_id: str, *, since: datetime | None = None, tenant: str | None = None
    ) -> SyncReport:
        """Pulls what changed since `since` (aware), else since the last pull less an overlap, and queues it.

        Raises `NotFound`, `PlatformError`; what was stored before an error stays.
        """
        return fill_text(SyncReport, await self._waiter.answer(self._native.sync(connection_id, tenant, since)))

    async def invoice(self, connection_id: str, record_id: str, *, tenant: str | None = None) -> Prepared:
        """Fetches and prepares one deal or sale now, under the platform's id of the record.

        Raises `NotFound`, `PlatformError`, `PayloadError`.
        """
        pending = self._native.invoice(connection_id, record_id, tenant)
        return fill_text(Prepared, await self._waiter.answer(pending))

    @asynccontextmanager
    async def workers(self, count: int = 2) -> AsyncIterator[None]:
        """Background workers that fetch, prepare, submit and confirm, until the block ends."""
        workers = self._native.start_workers(count)
        try:
            yield
        finally:
            await self._waiter.answer(self._native.stop_workers(workers))

    async def drain(self, *, timeout: float = 60.0) -> Drained:
        """Works the queue until nothing is due, or for `timeout` seconds. Can run beside workers.

        A job that fails is no error here: it is repeated later or becomes a dead letter.
        """
        return fill_text(Drained, await self._waiter.answer(self._native.drain(round(timeout * 1000))))

    async def invoices(
        self,
        *,
        state: Literal["prepared", "submitted", "accepted", "rejected", "dead"] | None = None,
        code: str | None = None,
        tenant: str | None = None,
        record: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[Document]:
        """Invoices, credit and debit notes, newest first; `code`: those that stopped or wait with it. `limit` is 100
        unless given, at most 1,000.
        """
        only = {"state": state, "code": code, "tenant": tenant, "record": record}
        return page(Document, await self._ask("invoices", **only, cursor=cursor, limit=limit))

    async def document(self, id: str, *, tenant: str | None = None) -> Document:
        """One invoice or credit note. Raises `NotFound`."""
        return fill_text(Document, await self._waiter.answer(self._native.document(id, tenant)))

    async def records(
        self,
        *,
        kind: Literal["deal", "order"] | None = None,
        held: bool = False,
        tenant: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[Record]:
        """Deals and sales as their platforms hold them, newest first; with `held`, only those that wait."""
        return page(Record, await self._waiter.answer(self._native.records(kind, held, tenant, cursor, limit)))

    async def deals(
        self, *, held: bool = False, tenant: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> Page[Record]:
        """`records` of CRMs."""
        return await self.records(kind="deal", held=held, tenant=tenant, cursor=cursor, limit=limit)

    async def transactions(
        self, *, held: bool = False, tenant: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> Page[Record]:
        """`records` of tills."""
        return await self.records(kind="order", held=held, tenant=tenant, cursor=cursor, limit=limit)

    async def connections(self, *, tenant: str | None = None) -> list[Connection]:
        """Connected accounts, oldest first."""
        return fill_list(Connection, await self._waiter.answer(self._native.connections(tenant)))

    async def dead_letters(self, *, tenant: str | None = None) -> list[DeadLetter]:
        """Jobs given up, newest first."""
        return fill_list(DeadLetter, await self._waiter.answer(self._native.dead_letters(tenant)))

    async def replay(self, id: str, *, tenant: str | None = None) -> None:
        """Queues a dead letter again. Raises `NotFound`."""
        await self._waiter.answer(self._native.replay(id, tenant))

    async def replay_record(self, id: str, *, tenant: str | None = None) -> None:
        """Prepares a held record again, after its data, the tenant or a rule changed. Raises `NotFound`."""
        await self._waiter.answer(self._native.replay_record(id, tenant))

    async def discard(self, id: str, *, reason: str, tenant: str | None = None) -> None:
        """Ends a dead letter for a reason. Raises `NotFound`."""
        await self._waiter.answer(self._native.discard(id, reason, tenant))

    async def explain(self, id: str, *, tenant: str | None = None) -> Explained:
        """Of a document: where every element of its UBL came from, and where it was refused, each complaint with where the
        value it is about came from; the same whenever it is asked. Of a record's id: why the sale waits. `.table` is all of
        it in plain text. Raises `NotFound`.
        """
        return fill_text(Explained, await self._waiter.answer(self._native.explain(id, tenant)))

    async def audit(self, id: str, *, tenant: str | None = None) -> list[AuditEntry]:
        """What happened to a record or document, oldest first. Raises `NotFound`."""
        return fill_list(AuditEntry, await self._waiter.answer(self._native.audit(id, tenant)))

    async def sync_log(self, connection_id: str, *, tenant: str | None = None) -> list[SyncEntry]:
        """Pulls of a connection, newest first. Raises `NotFound`."""
        return fill_list(SyncEntry, await self._waiter.answer(self._native.sync_log(connection_id, tenant)))
