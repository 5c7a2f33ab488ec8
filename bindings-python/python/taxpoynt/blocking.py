"""The engine without asyncio, for Celery tasks and scripts: every method of `taxpoynt.Engine`, waiting in place."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, TypeVar

from . import _taxpoynt, engine
from .rows import (
    AuditEntry,
    Connection,
    DeadLetter,
    Document,
    Drained,
    Explained,
    Page,
    Prepared,
    Receipt,
    Record,
    RecordKey,
    SyncEntry,
    SyncReport,
    Tenant,
)
from .webhooks import Headers

__all__ = ["Engine"]

T = TypeVar("T")


class _Blocking:
    """Waits in place, so that a coroutine of the engine never suspends."""

    async def answer(self, pending: Future[str]) -> str:
        return pending.result()

    async def close(self, native: _taxpoynt.Engine) -> None:
        native.close()


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    try:
        coroutine.send(None)
    except StopIteration as done:
        answer: T = done.value
        return answer
    coroutine.close()
    raise RuntimeError("a blocking call suspended")


class Engine:
    """`taxpoynt.Engine`, blocking. Open one per process, after the fork; `with` closes it.

    Arguments, answers and errors are those of the method of the same name there.
    """

    __slots__ = ("__weakref__", "_engine")

    def __init__(self, inner: engine.Engine) -> None:
        self._engine = inner

    @classmethod
    def open(
        cls,
        url: str,
        *,
        keys: Iterable[str],
        authority: dict[str, str] | None = None,
        apps: dict[str, dict[str, str]] | None = None,
        allow_hosts: Iterable[str] = (),
        redis: str | None = None,
    ) -> Engine:
        return cls(_run(engine.Engine._open(url, _Blocking(), keys, authority, apps, allow_hosts, redis)))

    def close(self) -> None:
        _run(self._engine.close())

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def add_tenant(self, tenant: dict[str, Any]) -> Tenant:
        return _run(self._engine.add_tenant(tenant))

    def tenant(self, id: str) -> Tenant:
        return _run(self._engine.tenant(id))

    def connect(
        self,
        platform: str,
        tenant_id: str,
        *,
        credentials: dict[str, str],
        settings: dict[str, str] | None = None,
    ) -> Connection:
        return _run(self._engine.connect(platform, tenant_id, credentials=credentials, settings=settings))

    def receive(self, target: str, *, method: str, url: str, headers: Headers, body: bytes) -> Receipt:
        return _run(self._engine.receive(target, method=method, url=url, headers=headers, body=body))

    def ingest(
        self, connection_id: str, record: bytes | str | dict[str, Any], *, tenant: str | None = None
    ) -> RecordKey:
        return _run(self._engine.ingest(connection_id, record, tenant=tenant))

    def sync(self, connection_id: str, *, since: datetime | None = None, tenant: str | None = None) -> SyncReport:
        return _run(self._engine.sync(connection_id, since=since, tenant=tenant))

    def invoice(self, connection_id: str, record_id: str, *, tenant: str | None = None) -> Prepared:
        return _run(self._engine.invoice(connection_id, record_id, tenant=tenant))

    @contextmanager
    def workers(self, count: int = 2) -> Iterator[None]:
        workers = self._engine.workers(count)
        _run(workers.__aenter__())
        try:
            yield
        finally:
            _run(workers.__aexit__(None, None, None))

    def drain(self, *, timeout: float = 60.0) -> Drained:
        return _run(self._engine.drain(timeout=timeout))

    def invoices(
        self,
        *,
        state: Literal["prepared", "submitted", "accepted", "rejected", "dead"] | None = None,
        tenant: str | None = None,
        record: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[Document]:
        return _run(self._engine.invoices(state=state, tenant=tenant, record=record, cursor=cursor, limit=limit))

    def document(self, id: str, *, tenant: str | None = None) -> Document:
        return _run(self._engine.document(id, tenant=tenant))

    def records(
        self,
        *,
        kind: Literal["deal", "order"] | None = None,
        held: bool = False,
        tenant: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[Record]:
        return _run(self._engine.records(kind=kind, held=held, tenant=tenant, cursor=cursor, limit=limit))

    def deals(
        self, *, held: bool = False, tenant: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> Page[Record]:
        return _run(self._engine.deals(held=held, tenant=tenant, cursor=cursor, limit=limit))

    def transactions(
        self, *, held: bool = False, tenant: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> Page[Record]:
        return _run(self._engine.transactions(held=held, tenant=tenant, cursor=cursor, limit=limit))

    def connections(self, *, tenant: str | None = None) -> list[Connection]:
        return _run(self._engine.connections(tenant=tenant))

    def dead_letters(self, *, tenant: str | None = None) -> list[DeadLetter]:
        return _run(self._engine.dead_letters(tenant=tenant))

    def replay(self, id: str, *, tenant: str | None = None) -> None:
        _run(self._engine.replay(id, tenant=tenant))

    def replay_record(self, id: str, *, tenant: str | None = None) -> None:
        _run(self._engine.replay_record(id, tenant=tenant))

    def discard(self, id: str, *, reason: str, tenant: str | None = None) -> None:
        _run(self._engine.discard(id, reason=reason, tenant=tenant))

    def explain(self, id: str, *, tenant: str | None = None) -> Explained:
        return _run(self._engine.explain(id, tenant=tenant))

    def audit(self, id: str, *, tenant: str | None = None) -> list[AuditEntry]:
        return _run(self._engine.audit(id, tenant=tenant))

    def sync_log(self, connection_id: str, *, tenant: str | None = None) -> list[SyncEntry]:
        return _run(self._engine.sync_log(connection_id, tenant=tenant))


def _document() -> None:
    """Gives each method the text of its awaitable twin."""
    for name, method in vars(Engine).items():
        if not name.startswith("_"):
            getattr(method, "__func__", method).__doc__ = getattr(engine.Engine, name).__doc__


_document()
