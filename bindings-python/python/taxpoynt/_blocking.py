"""The calls about webhooks, pulls and rules without asyncio; `blocking.Engine` has them all."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from datetime import date, datetime
from typing import Any, Literal, TypeVar

from . import engine
from .rows import Page
from .rules import (
    Approval,
    Foreseen,
    Preview,
    RuleFile,
    RuleVersion,
    Table,
    TableReport,
    TableVersion,
)
from .sync import Backfill, Reconciliation, SyncHealth
from .webhooks import Delivery, ReplayReport, Subscription, SubscriptionCheck, WebhookGuide, WebhookSecret

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The answer of a coroutine that never suspends."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        answer: T = done.value
        return answer
    coroutine.close()
    raise RuntimeError("a blocking call suspended")


class SyncCalls:
    """Those of `taxpoynt.Engine`, waiting in place."""

    __slots__ = ("_engine",)

    _engine: engine.Engine

    def subscribe(self, connection_id: str, *, tenant: str | None = None) -> SubscriptionCheck:
        return run(self._engine.subscribe(connection_id, tenant=tenant))

    def unsubscribe(self, connection_id: str, *, tenant: str | None = None) -> bool:
        return run(self._engine.unsubscribe(connection_id, tenant=tenant))

    def subscriptions(self) -> list[Subscription]:
        return run(self._engine.subscriptions())

    def check_subscriptions(self) -> list[SubscriptionCheck]:
        return run(self._engine.check_subscriptions())

    def webhook_guide(self, target: str, *, tenant: str | None = None) -> WebhookGuide:
        return run(self._engine.webhook_guide(target, tenant=tenant))

    def webhook_secrets(self, target: str, *, tenant: str | None = None) -> list[WebhookSecret]:
        return run(self._engine.webhook_secrets(target, tenant=tenant))

    def add_webhook_secret(self, target: str, secret: str, *, tenant: str | None = None) -> WebhookSecret:
        return run(self._engine.add_webhook_secret(target, secret, tenant=tenant))

    def retire_old_webhook_secrets(self, target: str, *, tenant: str | None = None) -> int:
        return run(self._engine.retire_old_webhook_secrets(target, tenant=tenant))

    def renew_webhook_secret(self, connection_id: str, *, tenant: str | None = None) -> None:
        run(self._engine.renew_webhook_secret(connection_id, tenant=tenant))

    def deliveries(
        self,
        *,
        connection: str | None = None,
        faulty: bool = False,
        ignored: bool = False,
        tenant: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[Delivery]:
        only = {"connection": connection, "tenant": tenant, "cursor": cursor}
        return run(self._engine.deliveries(faulty=faulty, ignored=ignored, limit=limit, **only))

    def replay_delivery(self, id: str, *, tenant: str | None = None) -> int:
        return run(self._engine.replay_delivery(id, tenant=tenant))

    def replay_deliveries(
        self,
        *,
        connection: str | None = None,
        faulty: bool = False,
        ignored: bool = False,
        tenant: str | None = None,
    ) -> ReplayReport:
        return run(self._engine.replay_deliveries(connection=connection, faulty=faulty, ignored=ignored, tenant=tenant))

    def backfill(
        self, connection_id: str, *, since: datetime, until: datetime | None = None, tenant: str | None = None
    ) -> str:
        return run(self._engine.backfill(connection_id, since=since, until=until, tenant=tenant))

    def backfills(self, connection_id: str, *, tenant: str | None = None) -> list[Backfill]:
        return run(self._engine.backfills(connection_id, tenant=tenant))

    def backfill_progress(self, id: str, *, tenant: str | None = None) -> Backfill:
        return run(self._engine.backfill_progress(id, tenant=tenant))

    def pause_backfill(self, id: str, *, tenant: str | None = None) -> None:
        run(self._engine.pause_backfill(id, tenant=tenant))

    def resume_backfill(self, id: str, *, tenant: str | None = None) -> None:
        run(self._engine.resume_backfill(id, tenant=tenant))

    def cancel_backfill(self, id: str, *, tenant: str | None = None) -> None:
        run(self._engine.cancel_backfill(id, tenant=tenant))

    def sync_health(self, connection_id: str, *, tenant: str | None = None) -> SyncHealth:
        return run(self._engine.sync_health(connection_id, tenant=tenant))

    def set_sync_schedule(
        self, connection_id: str, seconds: int | None, *, tenant: str | None = None
    ) -> None:
        run(self._engine.set_sync_schedule(connection_id, seconds, tenant=tenant))

    def reconcile(
        self, connection_id: str, day: date, *, fetch: bool = False, tenant: str | None = None
    ) -> Reconciliation:
        return run(self._engine.reconcile(connection_id, day, fetch=fetch, tenant=tenant))

    def reconciliations(
        self, connection_id: str, *, unequal: bool = False, limit: int = 100, tenant: str | None = None
    ) -> list[Reconciliation]:
        return run(self._engine.reconciliations(connection_id, unequal=unequal, limit=limit, tenant=tenant))


class RuleCalls(SyncCalls):
    """Those of `taxpoynt.Engine`, waiting in place."""

    __slots__ = ()

    def set_rules(
        self, tenant_id: str, text: str | None, *, connection: str | None = None, reason: str | None = None
    ) -> bool:
        return run(self._engine.set_rules(tenant_id, text, connection=connection, reason=reason))

    def rules_in_force(self, tenant_id: str, *, connection: str | None = None) -> list[RuleFile]:
        return run(self._engine.rules_in_force(tenant_id, connection=connection))

    def rule_history(self, tenant_id: str) -> list[RuleVersion]:
        return run(self._engine.rule_history(tenant_id))

    def rule_text(self, tenant_id: str, hash: str) -> str:
        return run(self._engine.rule_text(tenant_id, hash))

    def dry_run(
        self,
        tenant_id: str,
        rules: str | None = None,
        *,
        settings: dict[str, Any] | None = None,
        tables: Mapping[str, str | None] | None = None,
        connection: str | None = None,
        since: datetime | None = None,
    ) -> Preview:
        tried: dict[str, Any] = {"settings": settings, "tables": tables}
        return run(self._engine.dry_run(tenant_id, rules, **tried, connection=connection, since=since))

    def preview(self, connection_id: str, record_id: str, *, tenant: str | None = None) -> list[Foreseen]:
        return run(self._engine.preview(connection_id, record_id, tenant=tenant))

    def approvals(
        self,
        *,
        state: Literal["waiting", "approved", "refused", "outdated"] | None = None,
        tenant: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[Approval]:
        return run(self._engine.approvals(state=state, tenant=tenant, cursor=cursor, limit=limit))

    def approve(self, id: str, *, by: str, note: str | None = None, tenant: str | None = None) -> Approval:
        return run(self._engine.approve(id, by=by, note=note, tenant=tenant))

    def refuse(self, id: str, *, by: str, note: str | None = None, tenant: str | None = None) -> Approval:
        return run(self._engine.refuse(id, by=by, note=note, tenant=tenant))

    def set_table(
        self, tenant_id: str, name: str, csv: str | bytes | None, *, reason: str | None = None
    ) -> TableReport:
        return run(self._engine.set_table(tenant_id, name, csv, reason=reason))

    def tables_in_force(self, tenant_id: str) -> list[Table]:
        return run(self._engine.tables_in_force(tenant_id))

    def table_history(self, tenant_id: str) -> list[TableVersion]:
        return run(self._engine.table_history(tenant_id))

    def table_text(self, tenant_id: str, hash: str) -> str:
        return run(self._engine.table_text(tenant_id, hash))
