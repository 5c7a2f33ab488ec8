"""The engine without asyncio, for Celery tasks and scripts: every method of `taxpoynt.Engine`, waiting in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from types import TracebackType
from typing import Any, Literal

from . import _taxpoynt, engine
from ._blocking import RuleCalls, SyncCalls, run as _run
from .authority import (
    Alarm,
    AuthorityCheck,
    Forecast,
    Inbound,
    InboundReport,
    KeyReport,
    Notice,
    Payment,
    Transmission,
)
from .catalogue import Classified, CodeList, ImportReport, RefreshedList, UnclassifiedItem
from .explained import Explained
from .operations import Health, SwitchEntry, SwitchName, SwitchSetting
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
)
from .webhooks import Headers

__all__ = ["Engine"]


class _Blocking:
    """Waits in place, so that a coroutine of the engine never suspends."""

    async def answer(self, pending: Future[str]) -> str:
        return pending.result()

    async def close(self, native: _taxpoynt.Engine) -> None:
        native.close()


class Engine(RuleCalls):
    """`taxpoynt.Engine`, blocking. Open one per process, after the fork; `with` closes it.

    Arguments, answers and errors are those of the method of the same name there.
    """

    __slots__ = ("__weakref__",)

    def __init__(self, inner: engine.Engine) -> None:
        self._engine = inner

    @classmethod
    def open(
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
        limits: dict[str, Mapping[str, int] | int | bool | None] = {
            "breaker": breaker,
            "deadlines": deadlines,
            "metrics": metrics,
            "webhooks": webhooks,
            "sync": sync,
            "side_by_side": side_by_side,
            "keys_lost": keys_lost,
        }
        return cls(_run(engine.Engine._open(url, _Blocking(), keys, authority, apps, allow_hosts, redis, limits)))

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

    def authorize_url(
        self, platform: str, tenant_id: str, *, redirect_uri: str, settings: dict[str, str] | None = None
    ) -> str:
        return _run(self._engine.authorize_url(platform, tenant_id, redirect_uri=redirect_uri, settings=settings))

    def exchange(
        self,
        platform: str,
        tenant_id: str,
        *,
        code: str | None = None,
        state: str | None = None,
        iss: str | None = None,
        query: str | None = None,
    ) -> Connection:
        return _run(self._engine.exchange(platform, tenant_id, code=code, state=state, iss=iss, query=query))

    def remove(self, connection_id: str, *, tenant: str | None = None) -> Removal:
        return _run(self._engine.remove(connection_id, tenant=tenant))

    def test_connection(self, connection_id: str, *, tenant: str | None = None) -> Account:
        return _run(self._engine.test_connection(connection_id, tenant=tenant))

    def connection_log(self, connection_id: str, *, tenant: str | None = None) -> list[AuditEntry]:
        return _run(self._engine.connection_log(connection_id, tenant=tenant))

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
        code: str | None = None,
        tenant: str | None = None,
        record: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[Document]:
        only = {"code": code, "tenant": tenant, "record": record, "cursor": cursor}
        return _run(self._engine.invoices(state=state, limit=limit, **only))

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

    def receive_authority(self, *, method: str, url: str, headers: Headers, body: bytes) -> Receipt:
        return _run(self._engine.receive_authority(method=method, url=url, headers=headers, body=body))

    def check_authority(self, tenant_id: str) -> AuthorityCheck:
        return _run(self._engine.check_authority(tenant_id))

    def resubmit(self, id: str, *, tenant: str | None = None) -> None:
        _run(self._engine.resubmit(id, tenant=tenant))

    def update_payment(
        self, id: str, status: Literal["PAID", "REJECTED"], *, reference: str | None = None, tenant: str | None = None
    ) -> Payment:
        return _run(self._engine.update_payment(id, status, reference=reference, tenant=tenant))

    def payment(self, id: str, *, tenant: str | None = None) -> Payment | None:
        return _run(self._engine.payment(id, tenant=tenant))

    def transmission(self, id: str, *, tenant: str | None = None) -> Transmission | None:
        return _run(self._engine.transmission(id, tenant=tenant))

    def look_again(self, id: str, *, tenant: str | None = None) -> None:
        _run(self._engine.look_again(id, tenant=tenant))

    def notices(self, id: str, *, tenant: str | None = None) -> list[Notice]:
        return _run(self._engine.notices(id, tenant=tenant))

    def correct(
        self,
        id: str,
        how: Literal["credit_note_and_new_invoice", "credit_note_only"],
        *,
        reason: str,
        tenant: str | None = None,
    ) -> list[Document]:
        return _run(self._engine.correct(id, how, reason=reason, tenant=tenant))

    def debit_note(
        self,
        id: str,
        *,
        key: str,
        reason: str,
        lines: Iterable[dict[str, Any]] = (),
        amount: Decimal | str | None = None,
        tenant: str | None = None,
    ) -> Document:
        return _run(self._engine.debit_note(id, key=key, reason=reason, lines=lines, amount=amount, tenant=tenant))

    def forecast(self, *, tenant: str | None = None) -> Forecast:
        return _run(self._engine.forecast(tenant=tenant))

    def alarms(self, *, limit: int = 100) -> list[Alarm]:
        return _run(self._engine.alarms(limit=limit))

    def metrics(self) -> str:
        return _run(self._engine.metrics())

    def health(self) -> Health:
        return _run(self._engine.health())

    def switch(
        self,
        switch: SwitchName,
        *,
        percent: int | None,
        who: str,
        reason: str,
        spread: Literal["record", "tenant"] = "record",
        tenant: str | None = None,
        platform: str | None = None,
    ) -> int:
        return _run(
            self._engine.switch(
                switch, percent=percent, who=who, reason=reason, spread=spread, tenant=tenant, platform=platform
            )
        )

    def switches(self, *, tenant: str | None = None) -> list[SwitchSetting]:
        return _run(self._engine.switches(tenant=tenant))

    def switch_log(self, *, tenant: str | None = None, limit: int = 100) -> list[SwitchEntry]:
        return _run(self._engine.switch_log(tenant=tenant, limit=limit))

    def key_report(self) -> KeyReport:
        return _run(self._engine.key_report())

    def rotate_keys(self) -> KeyReport:
        return _run(self._engine.rotate_keys())

    def code_lists(self, tenant_id: str) -> list[CodeList]:
        return _run(self._engine.code_lists(tenant_id))

    def refresh_lists(self, tenant_id: str) -> list[RefreshedList]:
        return _run(self._engine.refresh_lists(tenant_id))

    def import_catalogue(
        self, tenant_id: str, csv: bytes | str, *, partial: bool = False, replace: bool = False
    ) -> ImportReport:
        return _run(self._engine.import_catalogue(tenant_id, csv, partial=partial, replace=replace))

    def export_catalogue(self, tenant_id: str) -> str:
        return _run(self._engine.export_catalogue(tenant_id))

    def unclassified(self, tenant_id: str) -> list[UnclassifiedItem]:
        return _run(self._engine.unclassified(tenant_id))

    def classify(self, tenant_id: str, item: str, classification: dict[str, str]) -> Classified:
        return _run(self._engine.classify(tenant_id, item, classification))

    def pull_inbound(
        self, tenant_id: str, *, from_date: date | None = None, to_date: date | None = None
    ) -> InboundReport:
        return _run(self._engine.pull_inbound(tenant_id, from_date=from_date, to_date=to_date))

    def announce_inbound(self, irn: str, *, tenant: str | None = None) -> str | None:
        return _run(self._engine.announce_inbound(irn, tenant=tenant))

    def inbound(
        self,
        *,
        state: Literal["announced", "downloaded", "checked", "acknowledged", "held", "unreadable", "refused"]
        | None = None,
        faulty: bool = False,
        tenant: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[Inbound]:
        return _run(self._engine.inbound(state=state, faulty=faulty, tenant=tenant, cursor=cursor, limit=limit))

    def inbound_document(self, id: str, *, tenant: str | None = None) -> Inbound:
        return _run(self._engine.inbound_document(id, tenant=tenant))

    def inbound_audit(self, id: str, *, tenant: str | None = None) -> list[AuditEntry]:
        return _run(self._engine.inbound_audit(id, tenant=tenant))

    def acknowledge_inbound(self, id: str, *, tenant: str | None = None) -> None:
        _run(self._engine.acknowledge_inbound(id, tenant=tenant))

    def retry_inbound(self, id: str, *, tenant: str | None = None) -> None:
        _run(self._engine.retry_inbound(id, tenant=tenant))


def _document() -> None:
    """Gives each method the text of its awaitable twin."""
    for kind in (SyncCalls, RuleCalls, Engine):
        for name, method in vars(kind).items():
            if not name.startswith("_"):
                getattr(method, "__func__", method).__doc__ = getattr(engine.Engine, name).__doc__


_document()
